import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Readable } from 'node:stream'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import { decodeFault } from './decode-through.ts'

/** Characters of a command's complaints that are kept. */
const MAX_COMPLAINT = 2000

/** Absolute path of the first of `names` that PATH offers; undefined when none is there. */
export async function findCommand(names: readonly string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return path
  }
  return undefined
}

/** A decoder whose stdin is the file itself. Nothing of our environment can change what it does (BZIP2, XZ_OPT, …). */
async function start(
  command: readonly string[],
  file: string,
  signal: AbortSignal,
): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const [program = '', ...args] = command
  const input = await open(file).catch((thrown: unknown) => {
    throw toPkgcacheError(thrown, 'E_STORE')
  })
  try {
    const child = spawn(program, args, {
      stdio: [input.fd, 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      signal,
      killSignal: 'SIGKILL',
    })
    return child as ChildProcessByStdio<null, Readable, Readable>
  } finally {
    await input.close()
  }
}

/** What the command wrote, in one line. */
function complaint(stderr: string): string {
  return printable(stderr.trim().split(/\s*\n\s*/)[0] ?? '') || 'no reason given'
}

/**
 * What a command makes of a file on its stdin. The process has ended, by SIGKILL if need be, before this does.
 * @param command program and arguments
 * @param what names the data in errors: `the bzip2 stream`
 * @throws E_ARCHIVE with the command's own words when it fails, E_ABORTED, and what the disk says
 */
export async function* decodeWithCommand(
  command: readonly string[],
  file: string,
  signal: AbortSignal,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = await start(command, file, signal)
  let fault: Error | undefined
  let stderr = ''
  child.on('error', (error) => {
    fault ??= error
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < MAX_COMPLAINT) stderr += text
  })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>
    const code = await closed
    if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
    if (fault !== undefined) throw fault
    if (code !== 0) throw new Error(`${basename(command[0] ?? '')} says: ${complaint(stderr)}`)
  } catch (thrown) {
    throw decodeFault(thrown, what)
  } finally {
    child.kill('SIGKILL')
    child.stdout.destroy()
    await closed
  }
}
