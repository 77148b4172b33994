import type { ErrorCode } from '@pkgcache/core'

/** What the command line needs to know of an error to show it; every PkgcacheError is one. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly exitCode: number
  readonly hint?: string | undefined
  readonly item?: string | undefined
  readonly plugin?: string | undefined
  readonly stage?: string | undefined
  readonly faults: readonly string[]
  readonly stack?: string | undefined
  readonly cause?: unknown
}

/** The command line itself is wrong. A class of its own, so that saying so does not load the core. */
export class UsageError extends Error implements Failure {
  override readonly name = 'UsageError'
  readonly code = 'E_USAGE'
  readonly exitCode = 2
  readonly faults: readonly string[] = []
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** Why a call's signal is aborted: the process was asked to stop. */
export class Cancelled extends Error {
  // The name by which every library knows a cancellation.
  override readonly name = 'AbortError'
  /** 128 + the signal's number. */
  readonly exitCode: number

  constructor(exitCode: number) {
    super('cancelled')
    this.exitCode = exitCode
  }
}

/** The exit code of a command, told apart by the signal where it was cancelled. */
export function exitCodeFor(code: number, { reason }: AbortSignal): number {
  return code === 130 && reason instanceof Cancelled ? reason.exitCode : code
}

/**
 * Any thrown value as a failure; what pkgcache did not foresee becomes an E_PLUGIN with its own message. Errors of a
 * cache are masked already; these may come from before there is one, or past it.
 */
export async function toFailure(thrown: unknown): Promise<Failure> {
  if (thrown instanceof UsageError) return thrown
  const { toPkgcacheError, withoutSecrets } = await import('@pkgcache/core')
  return withoutSecrets(toPkgcacheError(thrown), process.env)
}
