import { cli, tell } from './cli.ts'
import { Cancelled, toFailure } from './failure.ts'
import { Output } from './output.ts'

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const
const SHOW_CURSOR = '\u001b[?25h'

/**
 * The process of the command: signals, broken pipes, the exit code. Everything else is `cli`'s.
 * @param args without node and script
 */
export async function main(args: readonly string[], version: string): Promise<void> {
  const { stdout, stderr, env } = process
  const controller = new AbortController()
  cancelOnSignals(controller)
  const broken = watchPipes()
  exitOnUnforeseen(args)
  const code = await cli(args, {
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    version,
    signal: controller.signal,
    stdin: process.stdin,
    interrupt: () => process.kill(process.pid, 'SIGINT'),
  })
  await Promise.all([flush(stdout), flush(stderr)])
  process.exit(code === 0 && broken() ? 1 : code)
}

/** The first signal cancels and lets the run clean up; the second ends the process at once. */
function cancelOnSignals(controller: AbortController): void {
  for (const [name, code] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR)
        process.exit(code)
      }
      controller.abort(new Cancelled(code))
    })
  }
}

/** A reader that left (`| head`) is no fault, and the work goes on; a full disk behind stdout is one. */
function watchPipes(): () => boolean {
  let broken = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || broken) return
      broken = true
      if (stream === process.stdout)
        process.stderr.write(`error: stdout cannot be written: ${error.message}\n`)
    })
  }
  return () => broken
}

/** What nobody caught still ends in one clear line. */
function exitOnUnforeseen(args: readonly string[]): void {
  const end = async (thrown: unknown) => {
    const { stdout, stderr, env } = process
    const options = { json: args.includes('--json'), verbose: args.includes('--verbose') }
    if (stdout.isTTY) stdout.write(SHOW_CURSOR)
    await tell(new Output(stdout, stderr, env, options), await toFailure(thrown))
    await Promise.all([flush(stdout), flush(stderr)])
    process.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.write('', () => done())
  })
}
