import { defineReporter, summarise } from '@pkgcache/core'
import { renderComparison } from './comparison.ts'
import { renderText } from './render.ts'

/** The report, and what changed from one to another, as plain text for a terminal or a mail. */
export default defineReporter({
  name: 'report-text',
  render: (request) => ({ format: 'text', fileName: 'report.txt', content: renderText(summarise(request)) }),
  compare: (comparison) => ({
    format: 'text',
    fileName: 'comparison.txt',
    content: renderComparison(comparison),
  }),
})
