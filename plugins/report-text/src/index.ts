import { defineReporter, summarise } from '@pkgcache/core'
import { renderText } from './render.ts'

/** The report as plain text for a terminal or a mail. */
export default defineReporter({
  name: 'report-text',
  render: (request) => ({ format: 'text', fileName: 'report.txt', content: renderText(summarise(request)) }),
})
