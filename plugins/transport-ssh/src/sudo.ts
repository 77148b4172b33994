import type { Delivery, Placement } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { answer, STAGE, START_COMMANDS, startInput } from './commands.ts'
import { denied, explain, noSpace, notAFile, readOnly, symlink } from './faults.ts'
import type { Part } from './part.ts'
import { partOf, type Target } from './paths.ts'
import type { Remote } from './remote.ts'
import { discard, type Fill, judge, type Publish, viaPart } from './send.ts'

const STAGE_FOLDER = /^\/[A-Za-z0-9._/+ @~-]+$/

/** Where files wait for root: a folder that only the user can look into. Asked for once per session. */
export class Stage {
  #folder: Promise<string> | undefined

  /** @throws E_NODE_SHELL when the node runs no commands, E_NODE_DENIED when it gives no folder */
  folder(remote: Remote): Promise<string> {
    this.#folder ??= makeStage(remote)
    return this.#folder
  }
}

async function makeStage(remote: Remote): Promise<string> {
  const scope = remote.scope('making', 'a private folder')
  const { node } = remote.link
  try {
    const said = await remote.link.exec(scope, START_COMMANDS.plain, startInput(STAGE, []))
    const folder = answer(said.stdout)
    if (folder === undefined) {
      throw new PkgcacheError('E_NODE_SHELL', `its shell does not start sh: ${quoted(said.stderr)}`, {
        hint: 'sudo: true needs an account that may run commands',
      })
    }
    if (STAGE_FOLDER.test(folder)) return folder
    throw denied(node, 'the temporary folder', `takes no private folder: ${quoted(said.stderr)}`)
  } catch (error) {
    throw explain(error, node, 'a private folder', 'making')
  }
}

function quoted(stderr: string): string {
  return JSON.stringify(stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '')
}

/** Sends to a private folder of the user, from where root installs it. */
export async function sendWithSudo(
  remote: Remote,
  stage: string,
  target: Target,
  delivery: Delivery,
  fill: Fill,
): Promise<Placement> {
  const staged = `${stage}/${target.path.slice(target.path.lastIndexOf('/') + 1)}`
  const publish: Publish = async (part) => {
    const result = await install(remote, part, target, delivery)
    // on success it is of no more use; else it is kept or not as for every part
    if (result === 'done') await discard(remote, part.path)
    return result
  }
  return viaPart(remote, staged, delivery, { fill, publish })
}

async function install(remote: Remote, staged: Part, target: Target, delivery: Delivery) {
  const part = partOf(target.path, delivery.sha256, remote.owner)
  const { shell } = remote
  const scope = remote.scope('installing', target.path, delivery.size * 3)
  const copied = await shell.install(scope, staged.path, part, target.path, target.folder, target.below)
  if (copied === undefined) throw lostRoot(remote, target)
  if (copied.fault !== undefined)
    throw installFault(remote, target, delivery, { ...copied, fault: copied.fault })
  try {
    let finished = await shell.finish(scope, part, target.path, delivery.sha256)
    if (finished?.kind === 'unhashed') {
      const actual = await remote.readBack(staged.path, delivery.size)
      finished =
        actual === delivery.sha256
          ? await shell.finish(scope, part, target.path, delivery.sha256, staged.path)
          : { kind: 'digest', actual }
    }
    if (finished === undefined) throw lostRoot(remote, target)
    return await judge(remote, finished, staged, target.path, delivery)
  } finally {
    if (remote.link.failure === undefined) await shell.discard(remote.scope('removing', part), part)
  }
}

interface InstallFault {
  readonly fault: string
  readonly why: string
}

function installFault(remote: Remote, target: Target, delivery: Delivery, { fault, why }: InstallFault) {
  const { node } = remote.link
  if (fault === 'symlink') return symlink(why)
  if (fault === 'other') return notAFile(node, target.path)
  if (/No space left|quota exceeded/i.test(why)) return noSpace(target.path, delivery.size)
  if (/Read-only file system/i.test(why)) return readOnly(target.path)
  return fault === 'folder'
    ? denied(node, target.folder, `cannot be made: ${JSON.stringify(why)}`)
    : denied(node, target.path, `cannot be written: ${JSON.stringify(why)}`)
}

function lostRoot(remote: Remote, target: Target): PkgcacheError {
  return denied(remote.link.node, target.path, `cannot be reached with sudo: ${remote.complaint}`)
}
