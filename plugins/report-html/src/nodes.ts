import { formatBytes, type ReportDelivery, type ReportNode, type ReportSummary } from '@pkgcache/core'
import { type Html, html } from './html.ts'
import { badge, caption, scrolling } from './parts.ts'

function nodeRow({ name, host, root, arch, sent, present, failed, absent, sent_bytes }: ReportNode): Html {
  const problem = (count: number, tone: string) =>
    html`<td class="number${count === 0 ? '' : ` ${tone}`}">${count}</td>`
  return html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="text"><code><bdi>${host === undefined ? root : `${host}:${root}`}</bdi></code></td><td class="text"><bdi>${arch ?? 'all'}</bdi></td><td class="number">${sent}</td><td class="number">${present}</td>${problem(failed, 'text-bad')}${problem(absent, 'text-warn')}<td class="number">${formatBytes(sent_bytes)}</td></tr>
`
}

function cell({ state, error }: ReportDelivery): Html {
  if (state === 'other-arch') return html`<td class="dim">other arch</td>`
  if (state === 'absent') return html`<td>${badge(state, 'not sent')}</td>`
  return html`<td>${badge(state)}${error && html` <code>${error.code}</code>`}</td>`
}

function matrix(nodes: readonly ReportNode[]): Html {
  const rows = (nodes[0]?.packages ?? []).map(
    ({ name, version, platform, arch }, index) =>
      html`<tr><th scope="row"><bdi>${name}</bdi> <span class="dim"><bdi>${version}</bdi> <bdi>${platform}/${arch}</bdi></span></th>${nodes.flatMap(({ packages }) => packages[index] ?? []).map(cell)}</tr>
`,
  )
  if (rows.length === 0) return html`<p class="empty">There was nothing to send.</p>`
  return scrolling(
    'Packages on nodes',
    html`<table class="matrix">
${caption('Each package on each node. “Sent” and “present” were checked on the node by SHA-256.')}
<thead><tr><th scope="col">Package</th>${nodes.map(({ name }) => html`<th scope="col"><bdi>${name}</bdi></th>`)}</tr></thead>
<tbody>${rows}</tbody></table>`,
  )
}

/** What is where; nothing for a run without nodes. */
export function nodeSection({ nodes }: ReportSummary): Html | undefined {
  if (nodes.length === 0) return undefined
  return html`<section id="nodes" aria-labelledby="nodes-title">
<h2 id="nodes-title">Nodes <span class="count">${nodes.length}</span></h2>
${scrolling(
  'Nodes',
  html`<table>
${caption('What each node got in this run.')}
<thead><tr><th scope="col">Node</th><th scope="col">Target</th><th scope="col">Arch</th><th scope="col" class="number">Sent</th><th scope="col" class="number">Present</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Not sent</th><th scope="col" class="number">Bytes sent</th></tr></thead>
<tbody>${nodes.map(nodeRow)}</tbody></table>`,
)}
${matrix(nodes)}
</section>`
}
