import { type ReportSummary, reportHeadline } from '@pkgcache/core'
import { compositionSection } from './composition.ts'
import { renderDocument } from './document.ts'
import { nodeSection } from './nodes.ts'
import { banner, failureSection, fallbackSection } from './overview.ts'
import { packageSection } from './packages.ts'
import { toolsetSection } from './toolset.ts'

/** The report of a run as a page. */
export function renderPage(summary: ReportSummary): string {
  return renderDocument(`pkgcache report: ${reportHeadline(summary)}`, banner(summary), [
    { id: 'failures', title: 'Failures', body: failureSection(summary) },
    { id: 'fallbacks', title: 'Fallbacks', body: fallbackSection(summary) },
    { id: 'toolset', title: 'Toolset', body: toolsetSection(summary) },
    { id: 'packages', title: 'Packages', body: packageSection(summary) },
    { id: 'nodes', title: 'Nodes', body: nodeSection(summary) },
    { id: 'composition', title: 'Composition', body: compositionSection(summary) },
  ])
}
