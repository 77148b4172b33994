import type { ReportNode } from './types.ts'

type ListNode = Extract<ReportNode, { kind: 'list' }>

// A report comes from outside, so its expression could be made to run for hours. These are all that upstream writes:
// atoms, `+` and counts, no groups and no alternatives; with few `+` and a short text they end soon.
const HARMLESS = /^\^?(?:(?:\\d|\\\.|\.|[\w-])(?:\+|\{\d{1,2}\})?){1,16}$/
const MAX_REPEATS = 3
const MAX_CHARS = 100

// what reports of 2022 went by, which had no expressions yet
const BY_NAME: readonly (readonly [name: RegExp, major: RegExp])[] = [
  [/^\.NET (?:Core )?SDK$/i, /^\d+\.\d+\.\d/],
  [/^(?:Ruby|Python|PyPy|Go)$/i, /^\d+\.\d+/],
]

/** What of a version stays when it is updated: `3.9` of `3.9.13`. A version that it cannot be told of is its own. */
export function majorOf(version: string, { name, majorVersionRegex }: ListNode): string {
  const text = version.slice(0, MAX_CHARS)
  const [major] = expressionOf(name, majorVersionRegex)?.exec(text) ?? []
  return major === undefined || major === '' ? version : major
}

function expressionOf(name: string, written: string | null): RegExp | undefined {
  if (written === null) return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? /^\d+/
  const repeats = written.match(/\+/g)?.length ?? 0
  return written.length <= 80 && repeats <= MAX_REPEATS && HARMLESS.test(written)
    ? new RegExp(written)
    : undefined
}
