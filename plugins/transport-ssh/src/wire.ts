import type { PluginContext } from '@pkgcache/core'
import { ERROR_CODES, type ErrorCode, PkgcacheError, toPkgcacheError } from '@pkgcache/core/errors'
import type { SshNode } from './opener.ts'
import type { SshOptions } from './options.ts'
import type { SessionCall } from './ssh-session.ts'

// What the run's thread and the threads that hold the connections say to each other. `call` numbers what is under way.

/** The number of the run itself: for what is nobody's call. */
export const RUN = 0

/** To a thread. */
export type Order =
  | {
      readonly kind: 'connect'
      readonly call: number
      readonly node: SshNode
      readonly options: SshOptions
      /** Name of the run, hex. */
      readonly run: string
    }
  | { readonly kind: 'use'; readonly call: number; readonly session: number; readonly what: SessionCall }
  | { readonly kind: 'abort'; readonly call: number }
  | { readonly kind: 'reply'; readonly question: number; readonly outcome: Outcome }

/** From a thread. */
export type Word =
  | { readonly kind: 'ended'; readonly call: number; readonly outcome: Outcome }
  | { readonly kind: 'progress'; readonly call: number; readonly done: number; readonly total?: number }
  | {
      readonly kind: 'log'
      readonly call: number
      readonly level: keyof PluginContext['logger']
      readonly text: string
    }
  | { readonly kind: 'secret'; readonly call: number; readonly text: string }
  | { readonly kind: 'question'; readonly call: number; readonly question: number; readonly ask: Ask }

/** What only the run's thread can do: ask the user, or have another session serve a file. */
export type Ask =
  | { readonly kind: 'secret'; readonly text: string }
  | { readonly kind: 'serve'; readonly receiver: unknown }

export type Outcome = { readonly value: unknown } | { readonly fault: Fault }

/** An error as it crosses threads. */
export interface Fault {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly faults: readonly string[]
  readonly cause: string | undefined
}

export function toFault(thrown: unknown): Fault {
  const { code, message, hint, retryable, faults, cause } = toPkgcacheError(thrown, 'E_NODE')
  const why = cause instanceof Error ? cause.message : undefined
  return { code, message, hint, retryable, faults, cause: why }
}

export function fromFault({ code, message, cause, ...details }: Fault): PkgcacheError {
  const known = code in ERROR_CODES ? code : 'E_NODE'
  return new PkgcacheError(known, message, {
    ...details,
    ...(cause !== undefined && { cause: new Error(cause) }),
  })
}

/** The value, or throws the error. */
export function unwrap(outcome: Outcome): unknown {
  if ('fault' in outcome) throw fromFault(outcome.fault)
  return outcome.value
}
