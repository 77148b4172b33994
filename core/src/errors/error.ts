import { printable } from '../format.ts'
import { ERROR_CODES, type ErrorCode, type ExitCode } from './codes.ts'

/** What an error may say besides its code and message. */
export interface ErrorDetails {
  /** What the user can do about it, as one sentence. */
  readonly hint?: string | undefined
  readonly cause?: unknown
  /** Name of the plugin in whose code it happened; core fills it in. */
  readonly plugin?: string | undefined
  /** Name of the stage in which it happened; core fills it in. */
  readonly stage?: string | undefined
  /** Which item: `containerd@2.1.0 linux/amd64`, a node's name, a file. */
  readonly item?: string | undefined
  /** Whether trying the same again may succeed (5xx, resets, timeouts). Default false. */
  readonly retryable?: boolean | undefined
  /** How long upstream asks to wait before the next try, in ms (Retry-After, RFC 9110 10.2.3). */
  readonly retryAfterMs?: number | undefined
  /** Single faults, where one error stands for many (a config with three wrong keys). */
  readonly faults?: readonly string[] | undefined
}

/**
 * The one error type that leaves pkgcache: a code for machines, a sentence for people, and where it happened. Its texts
 * quote names from outside: control characters in them are escaped.
 */
export class PkgcacheError extends Error {
  override readonly name = 'PkgcacheError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly plugin: string | undefined
  readonly stage: string | undefined
  readonly item: string | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly faults: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(printable(message), details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = shown(details.hint)
    this.plugin = details.plugin
    this.stage = details.stage
    this.item = shown(details.item)
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs
    this.faults = (details.faults ?? []).map(printable)
  }

  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exit
  }

  /** The same error with the missing places filled in; what is known already stays. */
  at(place: { plugin?: string; stage?: string; item?: string }): PkgcacheError {
    return this.#with({
      plugin: this.plugin ?? place.plugin,
      stage: this.stage ?? place.stage,
      item: this.item ?? place.item,
    })
  }

  /** The same error with its texts changed, those of its causes too: for masking secrets. */
  map(change: (text: string) => string): PkgcacheError {
    const maybe = (text: string | undefined) => (text === undefined ? undefined : change(text))
    const changed = this.#with(
      {
        hint: maybe(this.hint),
        item: maybe(this.item),
        faults: this.faults.map(change),
        cause: withTexts(this.cause, change),
      },
      change(this.message),
    )
    if (changed.stack !== undefined) changed.stack = change(changed.stack)
    return changed
  }

  #with(details: ErrorDetails, message = this.message): PkgcacheError {
    const { hint, cause, plugin, stage, item, retryable, retryAfterMs, faults } = this
    const copy = new PkgcacheError(this.code, message, {
      hint,
      cause,
      plugin,
      stage,
      item,
      retryable,
      retryAfterMs,
      faults,
      ...details,
    })
    if (this.stack !== undefined) copy.stack = this.stack
    return copy
  }
}

// deeper chains are loops
const MAX_CAUSES = 16

/**
 * Any thrown value with its texts changed. Of foreign errors only name, code, message, stack and cause stay: what else
 * libraries hang on them (requests with their headers, answers) could hold anything.
 */
export function withTexts(thrown: unknown, change: (text: string) => string, depth = 0): unknown {
  if (thrown instanceof PkgcacheError) return thrown.map(change)
  if (typeof thrown === 'string') return change(thrown)
  if (!(thrown instanceof Error) || depth > MAX_CAUSES) return undefined
  const deeper = withTexts(thrown.cause, change, depth + 1)
  const copy = new Error(change(thrown.message), deeper === undefined ? undefined : { cause: deeper })
  copy.name = thrown.name
  copy.stack = change(thrown.stack ?? `${thrown.name}: ${thrown.message}`)
  const code = systemCode(thrown)
  return code === undefined ? copy : Object.assign(copy, { code })
}

function shown(text: string | undefined): string | undefined {
  return text === undefined ? undefined : printable(text)
}

const SYSTEM_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'E_NOSPC',
  EDQUOT: 'E_NOSPC',
  EFBIG: 'E_NOSPC',
  EACCES: 'E_STORE',
  EPERM: 'E_STORE',
  EROFS: 'E_STORE',
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  E_NOSPC: 'free some space or raise the limit, then run again; nothing half-written is kept as whole',
  E_STORE: 'check the owner and the permissions of that folder, or choose another one with --store',
}

/** The `code` of a Node system error (`ENOENT`, `ECONNRESET`, …), if it is one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Any thrown value as a PkgcacheError: ours pass, disk faults get their code, the rest becomes `fallback`. */
export function toPkgcacheError(thrown: unknown, fallback: ErrorCode = 'E_PLUGIN'): PkgcacheError {
  if (thrown instanceof PkgcacheError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new PkgcacheError('E_ABORTED', 'cancelled', { cause: thrown })
  }
  const system = systemCode(thrown)
  const code = (system !== undefined && SYSTEM_CODES[system]) || fallback
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new PkgcacheError(code, message, { cause: thrown, hint: HINTS[code] })
}
