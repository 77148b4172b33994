import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Config, StoreRecord } from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ran } from '../../e2e/kit.ts'
import {
  crashFaults,
  type Expectation,
  earlierFaults,
  errorFaults,
  type FailureDocument,
  type RunDocument,
  storeFaults,
  VERSION,
} from '../checks.ts'
import { documentOf } from '../kit.ts'
import {
  EARLIER,
  openStands,
  type Stand,
  type Stands,
  type StoreState,
  soundArchive,
  storeState,
} from '../stand.ts'

/** Published beside the fault, where a run gets that far. */
export const BESIDE = 'beside'
export const EARLIER_RECORD = '.pkgcache/records/earlier@1.0.0@linux@amd64.json'

/** Something that lies on disk and is not as it should be. */
export interface DataCase extends Omit<Expectation, 'exit'> {
  readonly what: string
  /** Breaks it; the store holds `earlier`, the config asks for that and for `beside`. May return what undoes it. */
  readonly arrange: (stand: Stand, stands: Stands) => Promise<unknown> | unknown
  /** Leaves what was broken, since the command only looks. */
  readonly unchecked?: boolean
  /** Default `run --json`. */
  readonly args?: readonly string[]
  readonly exit: 0 | 1 | 2 | 3
  /** What a run makes of `earlier`. Default `cached`; `failed` with `code`. */
  readonly earlier?: 'cached' | 'published' | 'failed'
  /** A line on stderr. */
  readonly warns?: RegExp
  /** What `verify` finds afterwards, with exit code 3. Default: nothing. */
  readonly remains?: RegExp
  /** @returns what else is wrong */
  readonly also?: (seen: DataSeen) => Promise<readonly string[]> | readonly string[]
}

export interface DataSeen {
  readonly stand: Stand
  readonly ran: Ran
  readonly before: StoreState
  readonly after: StoreState
}

/** Declared by the config that is there unless a case writes another. */
export function soundConfig(stands: Stands, more: Config = {}): Config {
  const url = `${stands.server.url}/${BESIDE}/tool.tar.gz`
  return {
    ...stands.base,
    packages: [...(stands.base.packages ?? []), { name: BESIDE, version: VERSION, url }],
    ...more,
  }
}

/** Puts a text in place of the config's. */
export async function writeConfig(stand: Stand, name: string, content: string | Uint8Array): Promise<void> {
  await rm(join(stand.dir, 'pkgcache.config.json'), { force: true })
  await writeFile(join(stand.dir, name), content)
}

/** Replaces a file of the store the way programs do: another one is renamed over it. */
export async function replace(stand: Stand, file: string, content: string | Uint8Array): Promise<void> {
  const target = join(stand.store, file)
  await writeFile(`${target}~`, content)
  await rename(`${target}~`, target)
}

/** Changes a JSON document of the store. */
export async function edit(
  stand: Stand,
  file: string,
  change: (document: Record<string, unknown>) => unknown,
): Promise<void> {
  const document = JSON.parse(await readFile(join(stand.store, file), 'utf8')) as Record<string, unknown>
  await replace(stand, file, JSON.stringify(change(document)))
}

export const editRecord = (stand: Stand, change: Partial<Record<keyof StoreRecord, unknown>>) =>
  edit(stand, EARLIER_RECORD, (record) => ({ ...record, ...change }))

/** Nothing in the store may have changed. */
export function untouched({ before, after }: Pick<DataSeen, 'before' | 'after'>): string[] {
  return isDeepStrictEqual(before.files, after.files) ? [] : ['the store was changed']
}

/** A config with which nothing is begun. */
export const refused = { exit: 2, code: 'E_CONFIG', also: untouched } as const

type DataDocument = RunDocument & { readonly error?: FailureDocument }

/** One case from a stand of its own; what is wrong with what came of it. */
async function faultsOf(one: DataCase, stand: Stand, stands: Stands): Promise<string[]> {
  const before = await storeState(stand.store)
  await stand.configure(soundConfig(stands))
  const undo = await one.arrange(stand, stands)
  try {
    return await outcomeFaults(one, stand, stands, before)
  } finally {
    if (typeof undo === 'function') undo()
  }
}

async function outcomeFaults(
  one: DataCase,
  stand: Stand,
  stands: Stands,
  before: StoreState,
): Promise<string[]> {
  const args = one.args ?? ['run', '--json']
  const ran = await stand.run(args)
  const after = await storeState(stand.store).catch(() => before)
  const faults = [...exitFaults(one, ran), ...crashFaults(ran)]
  if (args[0] === 'run' || one.code !== undefined) faults.push(...documentFaults(one, ran))
  if (one.warns && !ran.stderr.split('\n').some((line) => one.warns?.test(line))) {
    faults.push(`does not warn: ${ran.stderr.slice(0, 500)}`)
  }
  faults.push(...((await one.also?.({ stand, ran, before, after })) ?? []))
  if (one.earlier !== 'failed' && !one.remains) faults.push(...earlierFaults(before.files, after.files))
  // a store that cannot be opened tells nothing more, and one where nothing changed is as sound as it was
  const closed = one.code === 'E_STORE' && one.earlier !== 'failed'
  if (closed || one.unchecked || isDeepStrictEqual(before, after)) return faults
  return [...faults, ...(await verifyFaults(one, stand, stands, after))]
}

function exitFaults(one: DataCase, { code, stderr }: Ran): string[] {
  return code === one.exit ? [] : [`exit code ${code}: ${stderr.slice(0, 500)}`]
}

function documentFaults(one: DataCase, ran: Ran): string[] {
  const document = documentOf(ran.stdout) as DataDocument | undefined
  if (document === undefined) return [`stdout holds no document: ${ran.stdout}`]
  if (document.items === undefined) {
    if (document.error === undefined || one.code === undefined) return [`${JSON.stringify(document)}`]
    return errorFaults(document.error, one, null)
  }
  if (document.items.length === 0) return []
  const item = document.items.find(({ name }) => name === EARLIER.name)
  const beside = document.items.find(({ name }) => name === BESIDE)
  const faults: string[] = []
  if (item?.state !== (one.earlier ?? 'cached')) faults.push(`earlier is ${JSON.stringify(item)}`)
  if (beside?.state !== 'published') faults.push(`beside is ${JSON.stringify(beside)}`)
  if (item?.error) faults.push(...errorFaults(item.error, one, `earlier@${VERSION} linux/amd64`))
  return faults
}

async function verifyFaults(
  one: DataCase,
  stand: Stand,
  stands: Stands,
  after: StoreState,
): Promise<string[]> {
  // the config may be what was broken
  const config = join(stand.dir, 'sound.json')
  await writeFile(config, JSON.stringify({ ...stands.base, packages: [] }))
  const { code, stdout, stderr } = await stand.run(['verify', '--config', config])
  const text = `${stdout}${stderr}`
  if (one.remains === undefined)
    return [...(code === 0 ? [] : [`verify exits ${code}: ${text}`]), ...storeFaults(after)]
  return code === 3 && one.remains.test(text) ? [] : [`verify exits ${code}: ${text}`]
}

/** One test per case; two of them go on at a time. */
export function describeData(tables: Readonly<Record<string, readonly DataCase[]>>): void {
  const found = new Map<DataCase, Promise<string[]>>()
  let stands: Stands

  beforeAll(async () => {
    stands = await openStands()
    stands.server.route(`/${BESIDE}/tool.tar.gz`, { content: soundArchive(BESIDE) })
    const left = Object.values(tables).flat()
    const worker = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        const stand = await stands.open()
        const work = faultsOf(one, stand, stands).finally(() => stand.remove())
        found.set(one, work)
        await work.catch(() => undefined)
      }
    }
    await Promise.all([worker(), worker()])
  }, 600_000)
  afterAll(() => stands.close())

  describe.each(Object.entries(tables))('faults: data: %s', (_, table) => {
    it.each(table.map((one) => [one.what, one] as const))('%s', async (_what, one) => {
      const faults = await found.get(one)
      expect(faults, faults?.join('\n')).toEqual([])
    })
  })
}
