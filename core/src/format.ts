const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes for people, decimal units: `999 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** A span of time for people: `850 ms`, `12 s`, `3 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

// C0 but tab and newline, DEL, C1, and what turns the direction of writing
const CONTROL = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text from outside made safe for a terminal or a log line: control characters (ESC among them) are shown, not sent. */
export function printable(text: string): string {
  return text.replace(CONTROL, (c) =>
    c === '\n' || c === '\t' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * The beginning of a text from outside. It never ends within a word: half a token would not be known for a secret any
 * more, and pass unmasked.
 * @param max characters, the ellipsis included
 */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  const cut = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')
  // what ASCII words, tokens and URLs are made of; other scripts write without spaces
  const whole = /[!-~]/.test(text.charAt(max - 1)) ? cut.replace(/[!-~]+$/, '') : cut
  return `${whole.trimEnd()}…`
}
