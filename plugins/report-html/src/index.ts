import { defineReporter, summarise } from '@pkgcache/core'
import { renderComparisonPage } from './comparison.ts'
import { renderPage } from './page.ts'

/** The report, and what changed from one to another, each as one self-contained HTML page. */
export default defineReporter({
  name: 'report-html',
  render: (request) => ({ format: 'html', fileName: 'report.html', content: renderPage(summarise(request)) }),
  compare: (comparison) => ({
    format: 'html',
    fileName: 'comparison.html',
    content: renderComparisonPage(comparison),
  }),
})
