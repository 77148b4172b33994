import type { TrustLevel } from '@pkgcache/core'
import type { Environment, Output } from '../output.ts'

/** Every option of every command; the table says which command takes which. */
export interface Options {
  readonly config?: string
  readonly store?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
  readonly require?: TrustLevel
  /** Undefined: as the environment says. */
  readonly frozen?: boolean
  /** True: everything. */
  readonly update?: true | readonly string[]
  readonly node?: readonly string[]
  readonly only?: readonly string[]
  readonly rehash?: boolean
  readonly maxFailures?: number
  readonly prune?: boolean
  readonly arch?: string
  readonly platform?: string
  /** ms */
  readonly olderThan?: number
  /** ms */
  readonly unusedFor?: number
  readonly invalid?: boolean
  readonly dryRun?: boolean
  readonly rebuild?: boolean
  readonly format?: string
  readonly output?: string
  /** Path or URL of a software report. */
  readonly report?: string
  /** Paths or URLs of toolsets. */
  readonly toolset?: readonly string[]
  /** Path or URL of a source list. */
  readonly sources?: string
  readonly prereleases?: boolean
}

/** One call of a command. */
export interface Invocation {
  readonly command: string
  readonly args: readonly string[]
  readonly options: Options
  readonly output: Output
  readonly env: Environment
  /** Absolute; relative paths on the command line start here. */
  readonly cwd: string
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Asks who sits at the terminal; absent where nobody does. */
  readonly askSecret?: (question: string) => Promise<string | undefined>
}

/** Does what a command is for. @returns the exit code */
export type Handler = (invocation: Invocation) => Promise<number>

export interface OptionSpec {
  /** As commander reads it: `--node <name>`. */
  readonly flags: string
  readonly help: string
  /** The only values allowed. */
  readonly choices?: readonly string[]
  /** Can be given several times. */
  readonly many?: true
  /** Makes the value of the text; undefined: the text is wrong, and `expected` says what is right. */
  readonly parse?: (text: string) => unknown
  readonly expected?: string
  readonly fallback?: string
  /** The command needs it. */
  readonly mandatory?: true
}

export interface CommandSpec {
  readonly name: string
  /** As commander reads it: `<name@version>`. */
  readonly argument?: string
  readonly summary: string
  readonly options: readonly OptionSpec[]
  /** One line that works, and what it does. */
  readonly example: readonly [line: string, meaning: string]
  readonly load: () => Promise<Handler>
}
