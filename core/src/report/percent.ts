/** A part of a whole in percent: one decimal, rounded down, so that 100 means all; null for a part of nothing. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((part * 1000) / whole) / 10
}
