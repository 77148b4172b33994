import type { ReportSummary } from './types.ts'

/** `1 package`, `2 packages`. */
function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function packagesPart({ coverage, totals }: ReportSummary): string {
  const { requested, available } = coverage
  if (requested === 0) {
    return totals.stored === 0
      ? 'Nothing was asked for, and the store is empty'
      : `Nothing was asked for; the store holds ${count(totals.stored, 'package')}`
  }
  if (available === requested) {
    return requested === 1 ? 'The one package is in the cache' : `All ${requested} packages are in the cache`
  }
  if (available === 0) {
    return requested === 1
      ? 'The one package could not be cached'
      : `None of the ${requested} packages could be cached`
  }
  return `${available} of ${requested} packages are in the cache, ${totals.failed} failed`
}

function toolsetPart({ toolset }: ReportSummary): string | undefined {
  if (toolset === undefined) return undefined
  const { cached, missing } = toolset
  const rows = cached + missing
  if (rows === 0) return 'nothing that the toolset asks for can be downloaded'
  if (rows === 1) return `the one toolset row is ${missing === 0 ? '' : 'not '}covered`
  if (missing === 0) return `all ${rows} toolset rows are covered`
  return `${cached === 0 ? 'none' : cached} of ${cached === 0 ? `the ${rows}` : rows} toolset rows are covered`
}

function nodesPart({ nodes, totals }: ReportSummary): string | undefined {
  if (nodes.length === 0 || totals.deliveries === 0) return undefined
  const where = nodes.length === 1 ? 'the node' : `the ${nodes.length} nodes`
  const { deliveries, delivered, refused, fallback, skipped } = totals
  if (delivered === deliveries) return `everything for ${where} is in place`
  if (delivered + refused + fallback + skipped === 0) return `nothing was sent to ${where}`
  const replaced = `${count(fallback, 'fallback')} ran`
  const missing = deliveries - delivered - fallback
  if (missing === 0) {
    return delivered === 0
      ? `${replaced} on ${where}, nothing was delivered`
      : `${replaced} on ${where}, the rest is in place`
  }
  const gap = `${count(missing, 'delivery', 'deliveries')} to ${where} ${missing === 1 ? 'is' : 'are'} missing`
  return fallback === 0 ? gap : `${gap}, ${replaced}`
}

/** What an operator wants to know first, in one sentence: did all arrive? */
export function reportHeadline(summary: ReportSummary): string {
  const others = summary.failures.filter(({ scope }) => scope === 'run').length
  const clauses = [
    packagesPart(summary),
    toolsetPart(summary),
    nodesPart(summary),
    others === 0 ? undefined : `${count(others, 'other error')} occurred`,
  ]
  const sentence = clauses.filter((clause) => clause !== undefined).join('; ')
  return `${summary.exit_code === 130 ? 'Cancelled. ' : ''}${sentence}.`
}
