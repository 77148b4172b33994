import {
  formatBytes,
  formatDuration,
  groupFailures,
  type ReportFailure,
  type ReportFailureGroup,
  type ReportNode,
  type ReportPackage,
  type ReportShare,
  type ReportSummary,
  reportHeadline,
} from '@pkgcache/core'
import { type Column, line, section, table, wrap } from './layout.ts'
import { nodeMatrix } from './matrix.ts'
import { missingRows, toolsetCoverage, toolsetParts, undownloadable } from './toolset.ts'

/** Columns for what happens seldom: left out where it did not happen. */
const RARE_COLUMNS: readonly { readonly title: string; readonly of: (node: ReportNode) => number }[] = [
  { title: 'FALLBACK', of: ({ fallback }) => fallback },
  { title: 'SKIPPED', of: ({ skipped }) => skipped },
]

const PACKAGE_COLUMNS: readonly Column[] = [
  { title: 'PACKAGE' },
  { title: 'VERSION' },
  { title: 'PLATFORM' },
  { title: 'STATE' },
  { title: 'FORMAT' },
  { title: 'TRUST' },
  { title: 'DOWNLOAD', align: 'right' },
  { title: 'STORED', align: 'right' },
  { title: 'UNPACKED', align: 'right' },
]

function packageCells({ name, version, platform, arch, state, stored }: ReportPackage): string[] {
  return [
    line(name),
    line(version),
    line(`${platform}/${arch}`),
    state === 'failed' ? 'FAILED' : state,
    line(stored?.format ?? '-'),
    stored?.trust ?? '-',
    ...[stored?.source_size, stored?.size, stored?.unpacked_size].map((bytes) =>
      bytes === undefined ? '-' : formatBytes(bytes),
    ),
  ]
}

/** Who served what did not come from its own URL: a mirror, or where a redirect led. */
function servedElsewhere({ packages }: ReportSummary): string[] {
  const rows = packages.flatMap(({ name, version, platform, arch, stored }) =>
    stored === undefined || stored.served_by === stored.url
      ? []
      : [[line(`${name}@${version} ${platform}/${arch}`), line(stored.served_by)]],
  )
  return rows.length === 0 ? [] : table([{ title: 'PACKAGE' }, { title: 'SERVED BY' }], rows)
}

function totals({ totals, coverage, unchanged, nodes }: ReportSummary): string[] {
  const ratio = totals.compression_ratio === null ? '' : ` (${totals.compression_ratio.toFixed(2)} : 1)`
  const percent = coverage.percent === null ? '' : ` (${coverage.percent} %)`
  const rows = [
    ['Requested', String(totals.requested)],
    ['Available', `${coverage.available}${percent}`],
    ['', `${totals.published} new, ${totals.cached} cached before, ${totals.failed} failed`],
    ['Downloaded', `${formatBytes(totals.downloaded_bytes)} in this run`],
    [
      'Store',
      `${totals.stored} packages, ${formatBytes(totals.stored_bytes)} stored` +
        ` of ${formatBytes(totals.source_bytes)} downloaded, ${formatBytes(totals.unpacked_bytes)} unpacked${ratio}`,
    ],
    ...(nodes.length === 0
      ? []
      : [
          [
            'Nodes',
            `${totals.delivered} of ${totals.deliveries} deliveries in place, ` +
              `${formatBytes(totals.sent_bytes)} sent in this run`,
          ],
          ...undelivered(totals),
        ]),
    ...(unchanged ? [['', 'Nothing was fetched, sent or rewritten.']] : []),
  ]
  return rows.map(([label = '', value = '']) => `${label.padEnd(12)}${value}`)
}

/** What became of deliveries that are not in place, and what was removed; no line where there is nothing of it. */
function undelivered(totals: ReportSummary['totals']): string[][] {
  const parts = [
    [totals.refused, 'failed'],
    [totals.fallback, 'by fallback'],
    [totals.skipped, 'skipped'],
    [totals.absent, 'not sent'],
  ] as const
  const shown = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  const { removed, removed_bytes } = totals
  const files = removed === 1 ? 'file' : 'files'
  return [
    ...(shown.length === 0 ? [] : [['', shown.join(', ')]]),
    ...(removed === 0 ? [] : [['', `${removed} ${files} removed (${formatBytes(removed_bytes)})`]]),
  ]
}

function nodeTotals({ nodes }: ReportSummary): string[] {
  if (nodes.length === 0) return []
  const rare = RARE_COLUMNS.filter(({ of }) => nodes.some((node) => of(node) > 0))
  const columns: readonly Column[] = [
    { title: 'NODE' },
    { title: 'TARGET' },
    ...['SENT', 'PRESENT', 'FAILED', ...rare.map(({ title }) => title), 'NOT SENT', 'BYTES SENT'].map(
      (title): Column => ({ title, align: 'right' }),
    ),
  ]
  const rows = nodes.map((node) => [
    line(node.name),
    line(node.host === undefined ? node.root : `${node.host}:${node.root}`),
    ...[node.sent, node.present, node.failed, ...rare.map(({ of }) => of(node)), node.absent].map(String),
    formatBytes(node.sent_bytes),
  ])
  return table(columns, rows)
}

/** What nodes sent to nodes, in place of this machine. */
function relayed({ nodes }: ReportSummary): string[] {
  const rows = nodes.flatMap(({ name, packages }) => {
    const senders = [...new Set(packages.flatMap(({ via }) => via ?? []))]
    return senders.map((via) => [
      line(name),
      line(via),
      String(packages.filter((row) => row.via === via).length),
    ])
  })
  if (rows.length === 0) return []
  return table([{ title: 'NODE' }, { title: 'FROM' }, { title: 'PACKAGES', align: 'right' }], rows)
}

function removed({ nodes }: ReportSummary): string[] {
  const rows = nodes.flatMap(({ name, removals }) =>
    removals.map(({ remote_path, bytes }) => [line(name), line(remote_path), formatBytes(bytes)]),
  )
  if (rows.length === 0) return []
  return table([{ title: 'NODE' }, { title: 'FILE' }, { title: 'SIZE', align: 'right' }], rows)
}

function composition({ composition }: ReportSummary): string[] {
  const rows = Object.entries(composition).flatMap(([property, shares]: [string, readonly ReportShare[]]) =>
    shares.map((share, index) => [
      index === 0 ? property : '',
      line(share.value),
      String(share.packages),
      formatBytes(share.source_bytes),
      formatBytes(share.stored_bytes),
      formatBytes(share.unpacked_bytes),
    ]),
  )
  if (rows.length === 0) return []
  const numbers = ['PACKAGES', 'DOWNLOAD', 'STORED', 'UNPACKED'].map(
    (title): Column => ({ title, align: 'right' }),
  )
  return table([{ title: 'BY' }, { title: 'VALUE' }, ...numbers], rows)
}

function failure({ code, items, nodes, message, hint, faults, stage, plugin }: ReportFailureGroup): string[] {
  const place = [stage, plugin].filter((part) => part !== undefined).join(', ')
  const what = [
    items.length > 1 ? `${items.length} packages` : items.join(),
    nodes.length > 1 ? `on ${nodes.length} nodes` : nodes.map((node) => `on ${node}`).join(),
    place === '' ? '' : `(${place})`,
  ]
  return [
    `${code}  ${line(what.filter((part) => part !== '').join(' '))}`.trimEnd(),
    ...[items, nodes].flatMap((names) => (names.length > 1 ? wrap(names.join(', '), '  ') : [])),
    ...wrap(message, '  '),
    ...(faults ?? []).flatMap((fault) => wrap(`- ${fault}`, '  ')),
    ...(hint === undefined ? [] : wrap(`hint: ${hint}`, '  ')),
  ]
}

function faultList(failures: readonly ReportFailure[]): string[] {
  return groupFailures(failures).flatMap((group, index) => [...(index === 0 ? [] : ['']), ...failure(group)])
}

/** The report as text, ending in a newline. */
export function renderText(summary: ReportSummary): string {
  const { packages, failures, fallbacks } = summary
  const finished = summary.finished_at.slice(0, 19).replace('T', ' ')
  const lines = [
    ...wrap(reportHeadline(summary), ''),
    '',
    `${finished} UTC, took ${formatDuration(summary.duration_ms)}, exit code ${summary.exit_code}`,
    `Store: ${line(summary.store)}`,
    ...section('TOTALS', totals(summary)),
    ...section('TOOLSET COVERAGE', toolsetCoverage(summary)),
    ...section('TOOLSET ROWS', toolsetParts(summary)),
    ...section(`MISSING FROM THE TOOLSET (${summary.toolset?.missing})`, missingRows(summary)),
    ...section(`NOT DOWNLOADABLE (${summary.toolset?.not_downloadable})`, undownloadable(summary)),
    ...section('PACKAGES', packages.length === 0 ? [] : table(PACKAGE_COLUMNS, packages.map(packageCells))),
    ...section('SERVED BY A MIRROR OR AFTER A REDIRECT', servedElsewhere(summary)),
    ...section('NODES', nodeTotals(summary)),
    ...section('PACKAGES ON NODES', nodeMatrix(summary)),
    ...section('SENT BY OTHER NODES', relayed(summary)),
    ...section('REMOVED FROM NODES', removed(summary)),
    ...section('COMPOSITION OF THE STORE', composition(summary)),
    ...section(`FALLBACKS (${fallbacks.length})`, faultList(fallbacks)),
    ...section(`FAILURES (${failures.length})`, faultList(failures)),
  ]
  return `${lines.join('\n')}\n`
}
