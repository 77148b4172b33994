import { createHash } from 'node:crypto'
import { type ReportSummary, reportHeadline } from '@pkgcache/core'
import { compositionSection } from './composition.ts'
import { type Html, html, trusted } from './html.ts'
import { nodeSection } from './nodes.ts'
import { banner, failureSection, fallbackSection } from './overview.ts'
import { packageSection } from './packages.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** How a Content-Security-Policy names inline text (CSP Level 3, 2.3.1). */
function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

const POLICY = [
  "default-src 'none'",
  `style-src ${hashSource(STYLE)}`,
  `script-src ${hashSource(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

function navigation(links: readonly (readonly [string, string, Html | undefined])[]): Html {
  const present = links.filter(([, , section]) => section !== undefined)
  return html`<nav aria-label="Sections"><ul>${present.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`
}

/** The whole page, one document without any reference to another. */
export function renderPage(summary: ReportSummary): string {
  const failures = failureSection(summary)
  const fallbacks = fallbackSection(summary)
  const packages = packageSection(summary)
  const nodes = nodeSection(summary)
  const composition = compositionSection(summary)
  return html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>pkgcache report: ${reportHeadline(summary)}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<div class="page">
${banner(summary)}
${navigation([
  ['failures', 'Failures', failures],
  ['fallbacks', 'Fallbacks', fallbacks],
  ['packages', 'Packages', packages],
  ['nodes', 'Nodes', nodes],
  ['composition', 'Composition', composition],
])}
<main>
${failures}
${fallbacks}
${packages}
${nodes}
${composition}
</main>
<footer><p>Sizes are decimal (1 MB = 1,000,000 bytes), times are UTC. Digests are SHA-256.</p></footer>
</div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup
}
