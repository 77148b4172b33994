import { formatBytes, type ReportShare, type ReportSummary } from '@pkgcache/core'
import { type Html, html } from './html.ts'
import { caption, percent, scrolling } from './parts.ts'

const LARGEST = 20
const PROPERTIES = {
  trust: 'Trust',
  format: 'Format',
  arch: 'Arch',
  platform: 'Platform',
  section: 'Section',
} as const
type Property = keyof typeof PROPERTIES

/** Fills of a stacked bar: a trust level has its own, the rest take turns. */
function fill(property: Property, value: string, index: number): string {
  return property === 'trust' ? `trust-${value}` : `series-${index % 5}`
}

function stack(property: Property, shares: readonly ReportShare[]): Html {
  const all = shares.reduce((sum, { packages }) => sum + packages, 0)
  let before = 0
  const rects = shares.map(({ value, packages }, index) => {
    const x = percent(before, all)
    before += packages
    return html`<rect class="${fill(property, value, index)}" x="${x}" width="${percent(packages, all)}" height="16"/>`
  })
  return html`<svg class="stack" width="100%" height="16" aria-hidden="true" focusable="false">${rects}</svg>`
}

function shareTable(property: Property, shares: readonly ReportShare[]): Html {
  const rows = shares.map(
    ({ value, packages, stored_bytes }, index) =>
      html`<tr><th scope="row"><svg class="swatch" width="12" height="12" aria-hidden="true" focusable="false"><rect class="${fill(property, value, index)}" width="12" height="12" rx="2"/></svg> <bdi>${value}</bdi></th><td class="number">${packages}</td><td class="number">${formatBytes(stored_bytes)}</td></tr>
`,
  )
  return html`<div class="card">
${stack(property, shares)}
${scrolling(
  `Store by ${property}`,
  html`<table>${caption(PROPERTIES[property])}
<thead><tr><th scope="col">${PROPERTIES[property]}</th><th scope="col" class="number">Packages</th><th scope="col" class="number">Stored</th></tr></thead>
<tbody>${rows}</tbody></table>`,
)}
</div>
`
}

function sizes({ packages, totals }: ReportSummary): Html {
  const held = packages.flatMap(({ stored, ...key }) => (stored === undefined ? [] : { ...key, stored }))
  const largest = held.toSorted((a, b) => b.stored.source_size - a.stored.source_size).slice(0, LARGEST)
  const most = largest.reduce((bytes, { stored }) => Math.max(bytes, stored.source_size, stored.size), 0)
  const rows = largest.map(
    ({ name, version, platform, arch, stored }) =>
      html`<tr><th scope="row"><bdi>${name}</bdi> <span class="dim"><bdi>${version}</bdi> <bdi>${platform}/${arch}</bdi></span></th><td class="bars"><svg width="100%" height="20" aria-hidden="true" focusable="false"><rect class="bar-download" y="1" width="${percent(stored.source_size, most)}" height="8" rx="1"/><rect class="bar-stored" y="11" width="${percent(stored.size, most)}" height="8" rx="1"/></svg></td><td class="number">${formatBytes(stored.source_size)}</td><td class="number">${formatBytes(stored.size)}</td></tr>
`,
  )
  const which = held.length > LARGEST ? `The ${LARGEST} largest downloads of ${held.length}` : 'Each package'
  return scrolling(
    'Sizes of packages',
    html`<table class="sizes">
${caption(`${which}: size of the download and of the stored file. In all ${formatBytes(totals.source_bytes)} became ${formatBytes(totals.stored_bytes)}.`)}
<thead><tr><th scope="col">Package</th><td class="bars"></td><th scope="col" class="number"><svg class="swatch" width="12" height="12" aria-hidden="true" focusable="false"><rect class="bar-download" width="12" height="12" rx="2"/></svg> Download</th><th scope="col" class="number"><svg class="swatch" width="12" height="12" aria-hidden="true" focusable="false"><rect class="bar-stored" width="12" height="12" rx="2"/></svg> Stored</th></tr></thead>
<tbody>${rows}</tbody></table>`,
  )
}

/** What the store is made of; nothing for an empty store. */
export function compositionSection(summary: ReportSummary): Html | undefined {
  if (summary.totals.stored === 0) return undefined
  const known = Object.keys(PROPERTIES) as Property[]
  const properties = known.filter((property) => summary.composition[property].length > 0)
  return html`<section id="composition" aria-labelledby="composition-title">
<h2 id="composition-title">Composition of the store</h2>
<div class="cards">${properties.map((property) => shareTable(property, summary.composition[property]))}</div>
${sizes(summary)}
</section>`
}
