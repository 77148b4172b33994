import { defineReporter, summarise } from '@pkgcache/core'

/** The report as one JSON document, schema `report.json`; comparisons as one of schema `comparison.json`. */
export default defineReporter({
  name: 'report-json',
  render: (request) => ({ format: 'json', fileName: 'report.json', content: document(summarise(request)) }),
  compare: (comparison) => ({ format: 'json', fileName: 'comparison.json', content: document(comparison) }),
})

function document(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
