import { PkgcacheError } from '@pkgcache/core/errors'
import type { ParsedKey } from 'ssh2'
import type { AgentKey } from './agent.ts'
import { fault, type KeyFile } from './key-file.ts'
import type { KeyRing } from './key-ring.ts'
import { fingerprint } from './known-hosts.ts'

/** What identifies us to a host, as configured. */
export interface IdentitySettings {
  /** Key files by absolute path, in the order they are tried. */
  readonly files: readonly string[]
  /** Those that are taken when they are there, after `files`. */
  readonly defaults: readonly string[]
  /** True: of an agent's keys only those of `files`. */
  readonly filesOnly: boolean
  /** True: a file that cannot be used is an error; else it is passed over, as ssh(1) does with those of its config. */
  readonly required: boolean
  /** Socket of the agent. */
  readonly agent: string | undefined
}

/** One key to try. */
export interface Candidate {
  /** For messages: type, fingerprint and where it is from. */
  readonly shown: string
  readonly publicKey: ParsedKey | undefined
  /** Socket of the agent that signs; absent: `file` does. */
  readonly agent?: string
  readonly file?: KeyFile
}

/** What there is to log in with. */
export interface Candidates {
  readonly keys: readonly Candidate[]
  /** Why other keys cannot be used. */
  readonly faults: readonly PkgcacheError[]
}

/** Key files that are used when nothing else is said. */
export const DEFAULT_FILES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']

/**
 * The keys to try, in the order of ssh(1): those of the files which the agent holds, the agent's others, the files.
 * @throws E_IDENTITY when there is none, or a required file cannot be used
 */
export async function findCandidates(settings: IdentitySettings, ring: KeyRing): Promise<Candidates> {
  const { files, faults } = await readFiles(settings, ring)
  const held = settings.agent === undefined ? undefined : await ring.agent(settings.agent)
  const { keys, useless } = fromAgent(settings, held ?? [], files)
  const inAgent = new Set(keys.map(({ publicKey }) => blobOf(publicKey)))
  const rest = files.filter((file) => !inAgent.has(blobOf(file.publicKey)))
  const usable = rest.filter((file) => file.key !== undefined || file.encrypted)
  const halves = rest.filter((file) => !usable.includes(file)).map(publicOnly)
  keys.push(...usable.map((file) => ({ file, publicKey: file.publicKey, shown: shownFile(file) })))
  const ofFiles = [...faults, ...halves]
  const all = [...ofFiles, ...useless]
  const [first] = settings.required ? ofFiles : keys.length === 0 ? all : []
  if (first !== undefined) throw first
  if (keys.length === 0) throw noKeys(settings.agent, held)
  return { keys, faults: all }
}

async function readFiles(
  settings: IdentitySettings,
  ring: KeyRing,
): Promise<{ files: KeyFile[]; faults: PkgcacheError[] }> {
  const paths = [...settings.files, ...settings.defaults]
  const read = await Promise.allSettled(paths.map((path) => ring.read(path)))
  const hint = 'check the path, or leave it out to use an SSH agent or a default key'
  return {
    files: read.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : [])),
    faults: read.flatMap((one, index) => {
      if (one.status === 'rejected') return [one.reason as PkgcacheError]
      // That a default file is not there says nothing.
      const path = settings.files[index]
      return one.value === undefined && path !== undefined ? [fault(path, 'does not exist', hint)] : []
    }),
  }
}

function fromAgent(
  settings: IdentitySettings,
  held: readonly AgentKey[],
  files: readonly KeyFile[],
): { keys: Candidate[]; useless: PkgcacheError[] } {
  const wanted = files.map((file) => blobOf(file.publicKey))
  const place = (one: AgentKey) => wanted.indexOf(one.blob.toString('base64'))
  const named = held.filter((one) => place(one) >= 0).sort((a, b) => place(a) - place(b))
  const others = settings.filesOnly ? [] : held.filter((one) => place(one) < 0)
  const offered = [...named, ...others]
  return {
    keys: offered.flatMap((one) =>
      one.key === undefined
        ? []
        : [{ agent: settings.agent ?? '', publicKey: one.key, shown: shownAgent(one) }],
    ),
    useless: offered.filter((one) => one.key === undefined).map(unusable),
  }
}

function blobOf(key: ParsedKey | undefined): string {
  return key?.getPublicSSH().toString('base64') ?? 'unknown'
}

function shownAgent(one: AgentKey): string {
  return `${one.type} ${fingerprint(one.blob)} (agent)`
}

function shownFile({ path, publicKey }: KeyFile): string {
  return publicKey === undefined
    ? path
    : `${publicKey.type} ${fingerprint(publicKey.getPublicSSH())} (${path})`
}

function unusable(one: AgentKey): PkgcacheError {
  return new PkgcacheError(
    'E_IDENTITY',
    `the agent's key ${one.comment} is of a type that pkgcache cannot use (${one.type})`,
    {
      hint: 'add an ed25519, ecdsa or rsa key to the agent; hardware keys and certificates are not supported',
    },
  )
}

function publicOnly(file: KeyFile): PkgcacheError {
  return file.text.length > 0
    ? fault(
        file.path,
        'is a public key',
        'give the private key, which usually has the same name without .pub',
      )
    : fault(file.path, 'does not exist, and no agent holds it', 'check the path, or add the key with ssh-add')
}

function noKeys(agent: string | undefined, held: readonly AgentKey[] | undefined): PkgcacheError {
  const why = held === undefined ? 'does not answer' : 'has none that may be used'
  const note = agent === undefined ? '' : `: the agent at ${agent} ${why}`
  return new PkgcacheError('E_IDENTITY', `there is no key to log in with${note}`, {
    hint: `set identityFile, add a key to an SSH agent, or create one of ${DEFAULT_FILES.join(', ')}`,
  })
}
