import { colours, type Paint } from './render/colours.ts'

/** A place to write lines to: `process.stdout`, or a test's own. */
export interface Sink {
  readonly isTTY?: boolean | undefined
  readonly rows?: number | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface OutputOptions {
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  /** False: `--no-color`. */
  readonly color?: boolean | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A live list on the terminal that can step aside for a question. */
export interface Occupant {
  /** Leaves the terminal; resolves when nothing of it is drawn any more. */
  pause(): Promise<void>
  /** Draws itself again. */
  resume(): void
}

/** Where everything that the command says goes: results, talk, trouble. */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** In GitHub Actions, warnings and errors become annotations. */
  readonly annotate: boolean
  /** A terminal that shows a live list; off for `--verbose`, whose log lines would tear it apart. */
  readonly live: boolean
  /** Somebody may be asked on stderr: it is a terminal, and neither a program nor CI reads along. */
  readonly interactive: boolean
  /** Styling for stdout. */
  readonly paint: Paint
  /** Styling for stderr. */
  readonly paintError: Paint
  readonly #stdout: Sink
  readonly #stderr: Sink
  #documented = false
  #occupant: Occupant | undefined
  #held: { readonly sink: Sink; readonly text: string }[] | undefined

  constructor(stdout: Sink, stderr: Sink, env: Environment, options: OutputOptions) {
    this.#stdout = stdout
    this.#stderr = stderr
    this.json = options.json === true
    this.quiet = options.quiet === true
    this.verbose = options.verbose === true
    this.annotate = env.GITHUB_ACTIONS === 'true'
    const watched = !isSet(env.CI) && !this.annotate
    this.interactive = stderr.isTTY === true && watched && !this.json && !this.quiet
    const plain = !watched || env.TERM === 'dumb'
    this.live = stdout.isTTY === true && !plain && !this.json && !this.quiet && !this.verbose
    this.paint = colours(hasColour(stdout, env, options))
    this.paintError = colours(hasColour(stderr, env, options))
  }

  /** Lines that the terminal can show; 24 where it does not say. */
  get rows(): number {
    return this.#stdout.rows ?? 24
  }

  /** Characters that a line of the terminal has; 100 where it does not say. */
  get columns(): number {
    return this.#stdout.columns ?? 100
  }

  /** What was asked for: a table, a path, a document. Never silenced. */
  result(text: string): void {
    this.#write(this.#stdout, text)
  }

  /** The one JSON document of `--json`: what comes after it is not printed. */
  document(value: unknown): void {
    if (this.#documented) return
    this.#documented = true
    this.result(JSON.stringify(value, undefined, 2))
  }

  /** What goes on and how it ended: stdout, stderr beside a JSON document, nowhere with `--quiet`. */
  say(text: string): void {
    if (!this.quiet) this.#write(this.json ? this.#stderr : this.#stdout, text)
  }

  /** Trouble: always stderr. */
  trouble(text: string): void {
    this.#write(this.#stderr, text)
  }

  /** Keeps lines back while a live list owns the terminal. */
  hold(): void {
    this.#held ??= []
  }

  /** Tells of a live list that owns the terminal from now on; undefined: none does. */
  occupy(occupant: Occupant | undefined): void {
    this.#occupant = occupant
  }

  /** Has stderr for a question: the live list steps aside, and lines wait until it is answered. */
  async aside<T>(ask: (write: (text: string) => void) => Promise<T>): Promise<T> {
    const occupant = this.#occupant
    await occupant?.pause()
    const held = this.#held !== undefined
    this.hold()
    try {
      return await ask((text) => this.#stderr.write(text))
    } finally {
      if (!held) this.release()
      occupant?.resume()
    }
  }

  /** Writes what was kept back, in its order. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const { sink, text } of held) this.#write(sink, text)
  }

  #write(sink: Sink, text: string): void {
    if (this.#held === undefined) sink.write(`${text}\n`)
    else this.#held.push({ sink, text })
  }
}

/** Whether a variable says yes: `CI=true`, `CI=1`; not `CI=false`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}

/** no-color.org and force-color.org: a flag outranks NO_COLOR, which outranks FORCE_COLOR. */
function hasColour(sink: Sink, env: Environment, options: OutputOptions): boolean {
  if (options.color === false) return false
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return sink.isTTY === true && env.TERM !== 'dumb'
}
