import type { Delivery, PkgcacheError, Placement } from '@pkgcache/core'
import { answer, INSTALL_EXIT, installCommand, stageCommand, stateCommand } from './commands.ts'
import { denied, explain, noSpace } from './faults.ts'
import type { Executed } from './link.ts'
import { partOf, type Target } from './paths.ts'
import type { DeliveryContext, Remote } from './remote.ts'
import { checkDigest, discard, writePart } from './send.ts'

const STAGE = /^\/[A-Za-z0-9._/+-]*\/pkgcache\.[A-Za-z0-9]+$/

/** What is at `path`, asked as root: a size in bytes, or what else. */
export async function stateWithSudo(
  remote: Remote,
  path: string,
): Promise<number | 'missing' | 'symlink' | 'other'> {
  const executed = await run(remote, stateCommand(path), 'looking at', path)
  const state = answer(executed.stdout, 'state')
  if (state === 'missing' || state === 'symlink' || state === 'other') return state
  if (state !== undefined && /^\d+$/.test(state)) return Number(state)
  throw refused(remote, path, executed)
}

/** Sends to a private folder of the user, then installs as root with one command. */
export async function installWithSudo(
  remote: Remote,
  target: Target,
  delivery: Delivery,
  ctx: DeliveryContext,
): Promise<Placement> {
  const stage = await makeStage(remote)
  const staged = `${stage}/artifact`
  try {
    await writePart(remote, staged, delivery, ctx)
    await checkDigest(remote, staged, delivery)
    const command = installCommand(staged, partOf(target.path), target)
    const executed = await run(remote, command, 'installing', target.path, delivery.size * 2)
    if (executed.code !== 0) throw installFault(remote, target, delivery, executed)
    await checkDigest(remote, target.path, delivery, true)
  } finally {
    await discard(remote, staged, stage)
  }
  return { state: 'sent', sentBytes: delivery.size }
}

async function makeStage(remote: Remote): Promise<string> {
  const executed = await run(remote, stageCommand(), 'making', 'a private folder')
  const stage = answer(executed.stdout, 'stage')
  if (stage !== undefined && STAGE.test(stage)) return stage
  throw denied(remote.link.node, 'the temporary folder', `takes no private folder: ${said(executed)}`)
}

async function run(
  remote: Remote,
  command: string,
  step: string,
  path: string,
  bytes = 0,
): Promise<Executed> {
  try {
    return await remote.link.exec(remote.scope(step, path, bytes), command)
  } catch (error) {
    throw explain(error, remote.link.node, path, step)
  }
}

function installFault(remote: Remote, target: Target, delivery: Delivery, executed: Executed): PkgcacheError {
  const { node } = remote.link
  if (/No space left|quota exceeded/i.test(executed.stderr)) return noSpace(target.path, delivery.size)
  switch (executed.code) {
    case INSTALL_EXIT.symlink:
      return denied(node, target.path, 'or a folder on the way to it is a symbolic link')
    case INSTALL_EXIT.folder:
      return denied(node, target.folder, `cannot be made: ${said(executed)}`)
    case INSTALL_EXIT.copy:
    case INSTALL_EXIT.rename:
      return denied(node, target.path, `cannot be written: ${said(executed)}`)
    default:
      return refused(remote, target.path, executed)
  }
}

function refused(remote: Remote, path: string, executed: Executed): PkgcacheError {
  return denied(remote.link.node, path, `cannot be reached with sudo: ${said(executed)}`)
}

function said(executed: Executed): string {
  const line = executed.stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  return JSON.stringify(line === '' ? `exit code ${executed.code}` : line)
}
