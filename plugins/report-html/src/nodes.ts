import { formatBytes, type ReportDelivery, type ReportNode, type ReportSummary } from '@pkgcache/core'
import { type Html, html } from './html.ts'
import { badge, caption, scrolling } from './parts.ts'

// this many columns fit onto a page in any case
const FEW_NODES = 8

/** Columns for what happens seldom: left out where it did not happen. */
const RARE: readonly { readonly title: string; readonly of: (node: ReportNode) => number }[] = [
  { title: 'Fallback', of: ({ fallback }) => fallback },
  { title: 'Skipped', of: ({ skipped }) => skipped },
  { title: 'Removed', of: ({ removals }) => removals.length },
]

function nodeRow(node: ReportNode, rare: typeof RARE): Html {
  const { name, host, root, arch, sent, present, failed, absent, sent_bytes } = node
  const problem = (count: number, tone: string) =>
    html`<td class="number${count === 0 ? '' : ` ${tone}`}">${count}</td>`
  const seldom = rare.map(({ title, of }) => problem(of(node), title === 'Removed' ? '' : 'text-warn'))
  return html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="text"><code><bdi>${host === undefined ? root : `${host}:${root}`}</bdi></code></td><td class="text"><bdi>${arch ?? 'all'}</bdi></td><td class="number">${sent}</td><td class="number">${present}</td>${problem(failed, 'text-bad')}${seldom}${problem(absent, 'text-warn')}<td class="number">${formatBytes(sent_bytes)}</td></tr>
`
}

function cell({ state, error, via, on_node }: ReportDelivery): Html {
  if (state === 'other-arch') return html`<td class="dim">other arch</td>`
  if (state === 'other-nodes') return html`<td class="dim">other nodes</td>`
  if (state === 'absent') return html`<td>${badge(state, 'not sent')}</td>`
  const notes = [
    error && html`<code>${error.code}</code>`,
    via === undefined ? undefined : html`<span class="dim">by <bdi>${via}</bdi></span>`,
    on_node === 'done' ? html`<span class="dim">applied</span>` : undefined,
  ]
  return html`<td>${badge(state)}${notes.flatMap((note) => (note === undefined ? [] : [html`<br>${note}`]))}</td>`
}

function packageHead({ name, version, platform, arch }: ReportDelivery, scope: 'row' | 'col'): Html {
  return html`<th scope="${scope}"><bdi>${name}</bdi> <span class="dim"><bdi>${version}</bdi> <bdi>${platform}/${arch}</bdi></span></th>`
}

/** The longer side goes down the page: few nodes are columns, many are rows. */
function matrix(nodes: readonly ReportNode[]): Html {
  const packages = nodes[0]?.packages ?? []
  if (packages.length === 0) return html`<p class="empty">There was nothing to send.</p>`
  const applied = nodes.some((node) => node.packages.some(({ on_node }) => on_node === 'done'))
  const across = nodes.length <= Math.max(packages.length, FEW_NODES)
  const head = across
    ? nodes.map(({ name }) => html`<th scope="col"><bdi>${name}</bdi></th>`)
    : packages.map((one) => packageHead(one, 'col'))
  const rows = across
    ? packages.map(
        (one, index) =>
          html`<tr>${packageHead(one, 'row')}${nodes.flatMap((node) => node.packages[index] ?? []).map(cell)}</tr>
`,
      )
    : nodes.map(
        (node) =>
          html`<tr><th scope="row"><bdi>${node.name}</bdi></th>${node.packages.map(cell)}</tr>
`,
      )
  return scrolling(
    'Packages on nodes',
    html`<table class="matrix">
${caption(`Each package on each node. “Sent” and “present” were checked on the node by SHA-256.${applied ? ' “Applied”: what onNode asks for was done there in this run.' : ''}`)}
<thead><tr><th scope="col">${across ? 'Package' : 'Node'}</th>${head}</tr></thead>
<tbody>${rows}</tbody></table>`,
  )
}

function removed(nodes: readonly ReportNode[]): Html | undefined {
  const rows = nodes.flatMap(({ name, removals }) =>
    removals.map(
      ({ remote_path, bytes }) =>
        html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="text"><code><bdi>${remote_path}</bdi></code></td><td class="number">${formatBytes(bytes)}</td></tr>
`,
    ),
  )
  if (rows.length === 0) return undefined
  return scrolling(
    'Files removed from nodes',
    html`<table>
${caption('Removed from nodes, since it is not declared any more.')}
<thead><tr><th scope="col">Node</th><th scope="col">File</th><th scope="col" class="number">Size</th></tr></thead>
<tbody>${rows}</tbody></table>`,
  )
}

/** What is where; nothing for a run without nodes. */
export function nodeSection({ nodes }: ReportSummary): Html | undefined {
  if (nodes.length === 0) return undefined
  const rare = RARE.filter(({ of }) => nodes.some((node) => of(node) > 0))
  return html`<section id="nodes" aria-labelledby="nodes-title">
<h2 id="nodes-title">Nodes <span class="count">${nodes.length}</span></h2>
${scrolling(
  'Nodes',
  html`<table>
${caption('What each node got in this run.')}
<thead><tr><th scope="col">Node</th><th scope="col">Target</th><th scope="col">Arch</th><th scope="col" class="number">Sent</th><th scope="col" class="number">Present</th><th scope="col" class="number">Failed</th>${rare.map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}<th scope="col" class="number">Not sent</th><th scope="col" class="number">Bytes sent</th></tr></thead>
<tbody>${nodes.map((node) => nodeRow(node, rare))}</tbody></table>`,
)}
${matrix(nodes)}
${removed(nodes)}
</section>`
}
