// npm run bench: the rows of DESIGN 8, measured side by side. Prints; never asserts.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import * as cold from './groups/cold.mjs'
import * as fleet from './groups/fleet.mjs'
import * as line from './groups/line.mjs'
import * as memory from './groups/memory.mjs'
import * as nodes from './groups/nodes.mjs'
import * as noop from './groups/noop.mjs'
import * as normalise from './groups/normalise.mjs'
import * as toolsets from './groups/toolsets.mjs'
import * as version from './groups/version.mjs'
import { folders } from './system.mjs'
import { absolutes, table } from './table.mjs'

const GROUPS = { normalise, cold, nodes, fleet, line, noop, version, toolsets, memory }
const ROWS = Object.values(GROUPS).flatMap((group) => group.rows)
const DEFAULT_ROUNDS = 5

const USAGE = `npm run bench -- [--only ROW]… [--rounds N]
rows: ${ROWS.join(', ')}; N: measured rounds per row (default ${DEFAULT_ROUNDS})`

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: `${DEFAULT_ROUNDS}` },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const only = (values.only ?? ROWS).flatMap((value) => value.split(','))
  const unknown = only.filter((row) => !ROWS.includes(row))
  const rounds = Number(values.rounds)
  if (values.help || unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.log(USAGE)
    process.exit(values.help ? 0 : 2)
  }
  return { rows: new Set(only), rounds }
}

/** @param {string} line */
const say = (line) => console.error(`bench: ${line}`)

/** @param {import('./system.mjs').Bench} shared */
async function measureAll(shared) {
  /** @type {import('./measure.mjs').Row[]} */
  const rows = []
  const context = []
  const leftOut = []
  for (const [name, group] of Object.entries(GROUPS)) {
    const wanted = group.rows.filter((row) => shared.rows.has(row))
    if (wanted.length === 0) continue
    say(`${wanted.join(', ')} …`)
    /** @type {(() => Promise<unknown>)[]} */
    const ends = []
    try {
      const measured = await group.measure({ ...shared, onEnd: (end) => void ends.push(end) })
      rows.push(...(measured.rows ?? []).filter(({ id }) => shared.rows.has(id)))
      context.push(...absolutes(name, measured.samples ?? new Map()))
      const reasons =
        typeof measured.leftOut === 'string'
          ? wanted.map((row) => [row, measured.leftOut])
          : Object.entries(measured.leftOut ?? {})
      leftOut.push(...reasons.map(([row, reason]) => `${row}: left out: ${reason}`))
    } catch (error) {
      leftOut.push(`${wanted.join(', ')}: failed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      for (const end of ends.reverse()) await end()
    }
  }
  return { rows, context, leftOut }
}

const { rows: wanted, rounds } = readOptions()
const load = loadavg()[0]?.toFixed(1)
const { rows, context, leftOut } = await measureAll({
  ...(await folders()),
  rounds,
  rows: wanted,
  say,
  onEnd: () => {},
})
console.log(
  `Node ${process.versions.node}, ${availableParallelism()} CPUs (${cpus()[0]?.model.trim()}), load ${load} at the start, ${rounds} rounds`,
)
console.log(`\n${table(rows)}\n`)
for (const line of [...leftOut, ...context]) console.log(line)
