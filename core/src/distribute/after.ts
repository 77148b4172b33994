import type { ErrorCode } from '../errors/codes.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { PackageKey } from '../model/names.ts'
import type { NodeTask } from '../model/node.ts'
import type { RunContext } from '../run/context.ts'
import { recordKey } from '../store/records.ts'
import { toDelivery } from './delivery.ts'
import type { Link, Opened } from './link.ts'
import type { Available } from './ready.ts'

/** Nothing can be run on a node that is not there, and nothing is begun after the run was cancelled. */
const NO_FALLBACK: ReadonlySet<ErrorCode> = new Set([
  'E_NODE_LOST',
  'E_NODE_TIMEOUT',
  'E_NODE_UNREACHABLE',
  'E_ABORTED',
])

/** A node's turn among those that something is done for. */
export interface Turn {
  /** Waits for it again after the connection was lost. */
  ready(): Promise<void>
  lost(): void
}

/** Does what `onNode` asks for. @throws E_TRANSPORT when the transport cannot, and what the session throws */
export async function applyOnNode(
  link: Link,
  { record }: Available,
  task: NodeTask,
  turn: Turn,
  run: RunContext,
): Promise<'present' | 'done'> {
  const artifact = { delivery: toDelivery(record, run), key: recordKey(record) }
  return link.attempt(async (opened) => {
    const { session } = opened
    if (session.apply === undefined) throw cannot(opened, 'do what "onNode" asks for')
    await turn.ready()
    return session.apply(artifact, task, link.context(opened))
  }, turn.lost)
}

function cannot({ plugin }: Opened, what: string): PkgcacheError {
  return new PkgcacheError('E_TRANSPORT', `${plugin} cannot ${what}`, {
    plugin,
    hint: 'leave it out for nodes of this kind: `to` says which nodes get a package',
  })
}

/** Whether another way to come by a package is to be tried after an error. */
export function isWorthFallback(error: PkgcacheError): boolean {
  return !NO_FALLBACK.has(error.code)
}

/**
 * Runs a package's `fallback` on the node, once: a command may not be one that can be repeated.
 * @throws E_NODE_COMMAND with the reason as its cause; what kept the node from being connected to
 */
export async function fallBack(
  link: Link,
  command: string,
  { name, version, arch, platform }: PackageKey,
  reason: PkgcacheError,
): Promise<void> {
  const opened = await link.session()
  const env = {
    PKGCACHE_NAME: name,
    PKGCACHE_VERSION: version,
    PKGCACHE_ARCH: arch,
    PKGCACHE_PLATFORM: platform,
  }
  try {
    if (opened.session.run === undefined) throw cannot(opened, 'run a "fallback"')
    await opened.session.run(command, env, link.context(opened))
  } catch (thrown) {
    const error = toPkgcacheError(thrown, 'E_NODE')
    const why = `it was run because of ${reason.code}: ${reason.message}`
    throw new PkgcacheError('E_NODE_COMMAND', `the fallback failed: ${error.message}; ${why}`, {
      hint: error.hint ?? reason.hint,
      plugin: opened.plugin,
      cause: reason,
    })
  }
}
