const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A span of time as users write it: `30d`, `12h`, `90m`, or several in a row, `1d12h`.
 * @returns ms, or undefined when the text is not one
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,9}[smhdw])+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g)) {
    total += Number(count) * (UNITS_MS[unit ?? ''] ?? 0)
  }
  return total
}
