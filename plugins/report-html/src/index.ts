import { defineReporter, summarise } from '@pkgcache/core'
import { renderPage } from './page.ts'

/** The report as one self-contained HTML page. */
export default defineReporter({
  name: 'report-html',
  render: (request) => ({ format: 'html', fileName: 'report.html', content: renderPage(summarise(request)) }),
})
