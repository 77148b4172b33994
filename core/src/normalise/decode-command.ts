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

interface Running {
  readonly stdout: Readable
  /** Exit code, null after a signal, when the process has ended and its pipes are closed. */
  readonly closed: Promise<number | null>
  stop(): void
  /** Why it could not be started or was stopped. */
  fault(): Error | undefined
  stderr(): string
}

/** A decoder whose stdin is the file itself. Nothing in our environment (BZIP2, XZ_OPT, …) changes what it does. */
function start(command: readonly string[], input: number, signal: AbortSignal): Running {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: [input, 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    signal,
    killSignal: 'SIGKILL',
  }) as ChildProcessByStdio<null, Readable, Readable>
  let fault: Error | undefined
  let stderr = ''
  child.on('error', (error) => {
    fault ??= error
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < MAX_COMPLAINT) stderr += text
  })
  return {
    stdout: child.stdout,
    closed: new Promise((resolve) => child.once('close', resolve)),
    stop: () => {
      child.kill('SIGKILL')
      child.stdout.destroy()
    },
    fault: () => fault,
    stderr: () => stderr,
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
  const input = await open(file).catch((thrown: unknown) => {
    throw toPkgcacheError(thrown, 'E_STORE')
  })
  const child = start(command, input.fd, signal)
  const inputClosed = input.close()
  try {
    // Without a wait in between: when a process ends, Node throws away what nobody reads yet.
    yield* child.stdout as AsyncIterable<Uint8Array>
    const code = await child.closed
    if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
    const fault = child.fault()
    if (fault !== undefined) throw fault
    if (code !== 0) throw new Error(`${basename(command[0] ?? '')} says: ${complaint(child.stderr())}`)
  } catch (thrown) {
    throw decodeFault(thrown, what)
  } finally {
    child.stop()
    await child.closed
    await inputClosed
  }
}
