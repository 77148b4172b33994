import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import { isMachine, isSameMachine } from '../model/arch.ts'
import { formatKey, keyId, plainVersion } from '../model/names.ts'
import type { PackageRequest } from '../model/request.ts'
import type { Requirement } from '../model/requirement.ts'
import { stricterTrust, type TrustLevel } from '../model/trust.ts'
import type { Declaration } from '../plugins/types.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import { closest } from '../text.ts'
import { requestKey } from './resolve.ts'

/** What a request is for, as its result and the reports tell. */
export function purpose(
  request: Pick<PackageRequest, 'to' | 'section'> | undefined,
): Pick<PackageRequest, 'to' | 'section'> {
  const { to, section } = request ?? {}
  return { ...(to !== undefined && { to }), ...(section !== undefined && { section }) }
}

/** Everything that is declared: by the config, and by plugins for it. */
export interface Declared {
  readonly requests: readonly PackageRequest[]
  readonly requirements: readonly Requirement[]
  /** What is wrong with the files that plugins go by. */
  readonly errors: readonly PkgcacheError[]
}

/**
 * Requests of the config and those that plugins declare, in this order.
 * @param scope `frozen`: nothing may be asked of upstream; `only`: sections that alone count
 * @throws what a plugin's `declare` throws
 */
export async function declare(
  run: RunContext,
  configured: readonly PackageRequest[],
  scope: { readonly frozen?: boolean; readonly only?: readonly string[] | undefined } = {},
): Promise<Declared> {
  const { frozen = run.lock?.frozen ?? false, only } = scope
  const requests = [...configured]
  const requirements: Requirement[] = []
  const errors: PkgcacheError[] = []
  const required = new Map<string, TrustLevel>()
  const declaration = (plugin: string): Declaration => ({
    requests,
    add: (request) => void requests.push(request),
    frozen,
    ...(only && { only }),
    dir: run.settings.dir,
    require: (requirement) => void requirements.push(masked(requirement, run)),
    fail: (error) => void errors.push(presentable(error.at({ plugin, stage: 'declare' }), run)),
    requireTrust: (name, minimum) =>
      void required.set(name, stricterTrust(minimum, required.get(name) ?? 'unverified')),
  })
  await run.host.seriesFor('declare', declaration, callScope(run))
  return {
    requirements,
    errors,
    requests: requests.map((request) => {
      const minimum = required.get(request.name)
      if (minimum === undefined) return request
      return { ...request, minimumTrust: stricterTrust(minimum, request.minimumTrust ?? 'unverified') }
    }),
  }
}

/** Files and URLs are named as a toolset or a user wrote them. */
function masked(requirement: Requirement, { redactor }: RunContext): Requirement {
  const texts = Object.entries(requirement).map(([field, value]: [string, unknown]) => [
    field,
    typeof value === 'string' ? redactor.mask(value) : value,
  ])
  return Object.fromEntries(texts) as Requirement
}

/**
 * What of it belongs to the sections named; all of it where none is.
 * @throws E_USAGE for a section that nothing belongs to, unless what has faults may have it
 */
export function onlySections(declared: Declared, sections: readonly string[] | undefined): Declared {
  if (sections === undefined) return declared
  const there = new Set(
    [...declared.requests, ...declared.requirements].flatMap(({ section }) => section ?? []),
  )
  for (const section of sections) {
    if (there.has(section) || declared.errors.length > 0) continue
    const meant = closest(section, [...there])
    throw new PkgcacheError(
      'E_USAGE',
      `nothing declared belongs to a section called ${JSON.stringify(section)}`,
      {
        hint: meant
          ? `did you mean ${JSON.stringify(meant)}?`
          : `sections there are: ${[...there].join(', ') || 'none'}`,
      },
    )
  }
  const belongs = ({ section }: { readonly section?: string }) =>
    section !== undefined && sections.includes(section)
  return {
    ...declared,
    requests: declared.requests.filter(belongs),
    requirements: declared.requirements.filter(belongs),
  }
}

/** How a package was asked for by its name; what is absent was left open. */
export interface AskedFor {
  readonly platform?: string | undefined
  readonly arch?: string | undefined
}

/**
 * What of it was asked for by name. Of a version that the config does not declare, the plugins have the say: what they
 * declare of that name and version, in what was left open as they have it.
 * @param declared by the requests for what was asked, and what plugins added to them
 */
export function onlyAsked(
  declared: Declared,
  asked: readonly PackageRequest[],
  open: AskedFor,
  run: RunContext,
): Declared {
  const [own, added] = [declared.requests.slice(0, asked.length), declared.requests.slice(asked.length)]
  const isConfigured = (request: PackageRequest) =>
    run.settings.requests.some((one) => isSameVersion(one, request))
  const requests = own.flatMap((request) => {
    const found = isConfigured(request) ? [] : meantBy(request, added, open)
    // whoever names a node has said who gets it
    return found.length > 0 ? found.map(({ to: _, ...rest }) => rest) : request
  })
  for (const { message, item } of declared.errors) {
    run.log('warn', 'declare', item === undefined ? message : `${item}: ${message}`)
  }
  const ids = new Set(requests.map((request) => keyId(requestKey(request))))
  const isOf = ({ key }: Requirement) => key !== undefined && ids.has(keyId(key))
  return { requests, requirements: declared.requirements.filter(isOf), errors: [] }
}

function isSameVersion(a: PackageRequest, b: PackageRequest): boolean {
  return a.name === b.name && plainVersion(a.version) === plainVersion(b.version)
}

function meantBy(
  request: PackageRequest,
  added: readonly PackageRequest[],
  open: AskedFor,
): PackageRequest[] {
  const named = added.filter((one) => isSameVersion(one, request))
  const onPlatform = preferred(named, ({ platform }) => platform === request.platform, open.platform)
  const fits = ({ arch }: PackageRequest) => !isMachine(arch) || isSameMachine(arch, request.arch)
  return preferred(onPlatform, fits, open.arch)
}

/** Those that fit; where nobody asked for it, any. */
function preferred(
  all: readonly PackageRequest[],
  fits: (request: PackageRequest) => boolean,
  asked: string | undefined,
): PackageRequest[] {
  const found = all.filter(fits)
  return found.length > 0 || asked !== undefined ? found : [...all]
}

/** A frozen run fails for each of them; any other says once that there are some. */
export function tellUnlocked(requests: readonly PackageRequest[], run: RunContext): void {
  const { lock } = run
  if (lock === undefined || lock.frozen) return
  const [first, ...others] = requests.filter((request) => lock.entryOf(request) === undefined)
  if (first === undefined) return
  const which = others.length === 0 ? formatKey(first) : `${formatKey(first)} and ${others.length} more`
  run.log(
    'warn',
    'lock',
    `not in the lock file as asked for: ${printable(which)}; \`pkgcache lock\` adds them`,
  )
}
