import { cpuSeconds, run } from './system.mjs'

/**
 * @typedef {{ ms: number, cpu: number }} Sample wall in ms, CPU in s
 * @typedef {object} Variant one of the things that are compared
 * @property {string} name
 * @property {() => Promise<unknown>} [before] not measured
 * @property {() => Promise<unknown>} work measured, unless it returns the sample itself
 */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/**
 * One sample of a variant. What earlier ones left to be written to disk is written first, so that nobody pays for it.
 * @param {Variant} variant
 * @returns {Promise<Sample>}
 */
async function sample({ before, work }) {
  await before?.()
  await run('sync', [])
  const cpu = cpuSeconds()
  const start = performance.now()
  const stated = await work()
  if (isSample(stated)) return stated
  return { ms: performance.now() - start, cpu: cpuSeconds() - cpu }
}

/** @param {unknown} value @returns {value is Sample} */
function isSample(value) {
  return typeof value === 'object' && value !== null && 'ms' in value && 'cpu' in value
}

/**
 * All variants in turn (A B C, A B C, …), so that whatever else the machine does meets each of them. One round more
 * comes first and is not counted: it brings inputs and programs into memory.
 * @param {readonly Variant[]} variants
 * @param {number} rounds
 * @returns {Promise<Map<string, Sample[]>>} by name, one sample per round
 */
export async function interleave(variants, rounds) {
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(variants.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const variant of variants) {
      const taken = await sample(variant)
      if (round >= 0) samples.get(variant.name)?.push(taken)
    }
  }
  return samples
}

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} work
 * @property {string} against
 * @property {string} unit `×`, or that of an absolute row
 * @property {number | undefined} target undefined: for context only
 * @property {readonly number[]} values one per round
 * @property {readonly number[]} [cpu] the same of CPU time
 */

/**
 * The ratios of two variants, round by round.
 * @param {Omit<Row, 'values' | 'cpu' | 'unit'>} row
 * @param {readonly Sample[]} ours
 * @param {readonly Sample[]} theirs
 * @param {{ cpu?: boolean }} [options] CPU is told only where all of it is spent in processes the bench waits for
 * @returns {Row}
 */
export function ratioRow(row, ours, theirs, { cpu = true } = {}) {
  /** @param {'ms' | 'cpu'} what */
  const ratios = (what) => ours.map((sample, round) => sample[what] / (theirs[round]?.[what] ?? Number.NaN))
  return { ...row, unit: '×', values: ratios('ms'), ...(cpu && { cpu: ratios('cpu') }) }
}
