import { median } from './measure.mjs'

/** @param {number} value @param {string} unit */
function shown(value, unit) {
  if (unit === '×') return value.toFixed(2)
  return `${unit === 'MB' ? value.toFixed(0) : value.toFixed(2)} ${unit}`
}

/** @param {import('./measure.mjs').Row} row */
function cells({ id, work, against, unit, target, values, cpu }) {
  const middle = median(values)
  const range =
    values.length > 1 ? `${shown(Math.min(...values), unit)}–${shown(Math.max(...values), unit)}` : ''
  const verdict = target === undefined ? '' : middle <= target ? 'met' : 'not met'
  return [
    id,
    work,
    against,
    target === undefined ? '–' : `≤ ${shown(target, unit)}`,
    shown(middle, unit),
    range,
    cpu === undefined ? '' : shown(median(cpu), unit),
    verdict,
  ]
}

const HEAD = ['row', 'work', 'against', 'target', 'here', 'min–max', 'CPU', '']

/** @param {readonly (readonly string[])[]} lines */
function columns(lines) {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** @param {readonly import('./measure.mjs').Row[]} rows @returns {string} */
export function table(rows) {
  const [head = '', ...lines] = columns([HEAD, ...rows.map(cells)])
  return [head, '─'.repeat(head.length), ...lines].join('\n')
}

/**
 * @param {string} group
 * @param {ReadonlyMap<string, readonly import('./measure.mjs').Sample[]>} samples
 * @returns {string[]} one line per variant
 */
export function absolutes(group, samples) {
  return [...samples].map(([name, taken]) => {
    const wall = median(taken.map(({ ms }) => ms))
    const cpu = median(taken.map((sample) => sample.cpu))
    return `${group}: ${name}  ${wall.toFixed(0)} ms wall, ${cpu.toFixed(2)} s CPU`
  })
}
