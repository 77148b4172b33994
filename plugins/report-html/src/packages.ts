import { formatBytes, type ReportPackage, type ReportStored, type ReportSummary } from '@pkgcache/core'
import { address, type Html, html } from './html.ts'
import { badge, caption, filterBox, scrolling, time } from './parts.ts'

const COLUMNS = ['Package', 'Version', 'Platform', 'State', 'Trust', 'Format'] as const
const NUMBERS = ['Download', 'Stored', 'Unpacked'] as const

function entry(label: string, value: Html | undefined): Html | undefined {
  return value && html`<dt>${label}</dt><dd>${value}</dd>`
}

function code(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<code dir="auto">${text}</code>`
}

function origin(stored: ReportStored): Html {
  const evidence = stored.evidence.map(
    ({ verifier, trust, summary, from }) =>
      html`<li><bdi>${summary}</bdi>${from === undefined ? undefined : html` (${address(from)})`} <span class="dim">${verifier}${trust === undefined ? '' : `: ${trust}`}</span></li>`,
  )
  return html`${entry('File', code(stored.file))}
${entry('SHA-256 of the file', code(stored.sha256))}
${entry('SHA-256 of the download', code(stored.source_sha256))}
${entry('SHA-256 of the inner tar', code(stored.content_sha256))}
${entry('Asked for', address(stored.url))}
${stored.served_by === stored.url ? undefined : entry('Served by', address(stored.served_by))}
${entry('Found by', code(stored.source))}
${entry('Cached', html`${time(stored.cached_at)} UTC, ${stored.type}, ${stored.members} ${stored.members === 1 ? 'member' : 'members'}`)}
${entry('Evidence', html`<ul>${evidence}</ul>`)}`
}

function more({ error, stored }: ReportPackage): Html {
  const failure = error && html`<span class="text-bad">${error.code}</span> <bdi>${error.message}</bdi>`
  return html`<dl>${entry('Failure', failure)}${entry('What to do', error?.hint === undefined ? undefined : html`<bdi>${error.hint}</bdi>`)}${stored && origin(stored)}</dl>`
}

function bytes(value: number | undefined): Html {
  if (value === undefined) return html`<td class="number" data-value="-1">–</td>`
  return html`<td class="number" data-value="${value}">${formatBytes(value)}</td>`
}

function row(item: ReportPackage): Html {
  const { name, version, platform, arch, state, stored } = item
  return html`<tbody><tr>
<th scope="row"><details><summary><bdi>${name}</bdi></summary></details></th><td class="text"><bdi>${version}</bdi></td><td class="text"><bdi>${platform}/${arch}</bdi></td><td>${badge(state)}</td><td>${stored === undefined ? '–' : badge(stored.trust)}</td><td class="text"><bdi>${stored?.format ?? '–'}</bdi></td>${bytes(stored?.source_size)}${bytes(stored?.size)}${bytes(stored?.unpacked_size)}
</tr><tr class="more"><td colspan="9">${more(item)}</td></tr></tbody>
`
}

/** Everything asked for and everything stored; a click on a name opens digests, evidence and origin. */
export function packageSection({ packages }: ReportSummary): Html {
  const heading = html`<h2 id="packages-title">Packages <span class="count">${packages.length}</span></h2>`
  if (packages.length === 0) {
    return html`<section id="packages" aria-labelledby="packages-title">${heading}<p class="empty">No package was asked for, and the store holds none.</p></section>`
  }
  return html`<section id="packages" aria-labelledby="packages-title">
${heading}
${filterBox('Filter', 'name, state, digest …')}
${scrolling(
  'Packages',
  html`<table class="sortable">
${caption('What was asked for and what the store holds. Open a name for digests, evidence and origin.')}
<thead><tr>${COLUMNS.map((title) => html`<th scope="col">${title}</th>`)}${NUMBERS.map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
${packages.map(row)}</table>`,
)}
</section>`
}
