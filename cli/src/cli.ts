import { exitCodeFor, type Failure, toFailure } from './failure.ts'
import { type Environment, Output, type OutputOptions, type Sink } from './output.ts'
import { parse } from './program.ts'
import type { Keyboard, Prompt } from './prompt.ts'

/** What a call of the command has around it; the process, or what a test puts in its place. */
export interface Surroundings {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Environment
  /** Absolute. */
  readonly cwd: string
  readonly version: string
  /** Cancels what goes on. */
  readonly signal: AbortSignal
  /** Where questions are answered; absent: nowhere. */
  readonly stdin?: Keyboard
  /** Does what Ctrl-C does: while a question is asked, the terminal leaves that to us. */
  readonly interrupt?: () => void
}

/** The command, from its arguments to its exit code. Writes to the sinks alone; neither throws nor exits. */
export async function cli(args: readonly string[], around: Surroundings): Promise<number> {
  // Before the command line is understood, these words in it are all there is to go by.
  let output = outputFor(around, { json: saysJson(args) })
  let prompt: Prompt | undefined
  try {
    const parsed = parse(args, around.version)
    if (parsed.kind === 'text') {
      output.result(parsed.text)
      return 0
    }
    const { spec, args: positional, options } = parsed
    output = outputFor(around, options)
    const { env, cwd, signal } = around
    const handler = await spec.load()
    prompt = await promptFor(output, around)
    const askSecret = prompt && { askSecret: prompt.ask.bind(prompt) }
    const invocation = { command: spec.name, args: positional, options, output, env, cwd, signal }
    const code = await handler({ ...invocation, ...askSecret })
    return exitCodeFor(code, signal)
  } catch (thrown) {
    const failure = await toFailure(thrown)
    await tell(output, failure)
    return exitCodeFor(failure.exitCode, around.signal)
  } finally {
    prompt?.close()
  }
}

async function promptFor(output: Output, around: Surroundings): Promise<Prompt | undefined> {
  const { stdin, signal, interrupt } = around
  if (!output.interactive || stdin?.isTTY !== true) return undefined
  const { Prompt } = await import('./prompt.ts')
  return new Prompt(output, stdin, signal, interrupt)
}

/** Shows what ended a command: on stderr, and as the document that `--json` promised. */
export async function tell(output: Output, failure: Failure): Promise<void> {
  const [{ showError }, { failureDocument }] = await Promise.all([
    import('./render/errors.ts'),
    import('./render/json.ts'),
  ])
  output.release()
  showError(output, failure)
  if (output.json) output.document({ error: failureDocument(failure) })
}

function outputFor({ stdout, stderr, env }: Surroundings, options: OutputOptions): Output {
  return new Output(stdout, stderr, env, options)
}

function saysJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? undefined : end).includes('--json')
}
