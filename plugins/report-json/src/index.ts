import { defineReporter, summarise } from '@pkgcache/core'

/** The report as one JSON document, schema `report.json`. */
export default defineReporter({
  name: 'report-json',
  render: (request) => ({
    format: 'json',
    fileName: 'report.json',
    content: `${JSON.stringify(summarise(request), undefined, 2)}\n`,
  }),
})
