import {
  formatBytes,
  formatDuration,
  type ReportFailure,
  type ReportNodeState,
  type ReportPackage,
  type ReportShare,
  type ReportSummary,
  reportHeadline,
} from '@pkgcache/core'
import { type Column, fitting, line, table, wrap } from './layout.ts'

const NODE_STATES: Readonly<Record<ReportNodeState, string>> = {
  sent: 'sent',
  present: 'present',
  failed: 'FAILED',
  fallback: 'fallback',
  skipped: 'skipped',
  'other-arch': '-',
  absent: 'not sent',
}
const STATE_WIDTH = Math.max(...Object.values(NODE_STATES).map((text) => text.length))

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

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
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
        ]),
    ...(unchanged ? [['', 'Nothing was fetched, sent or rewritten.']] : []),
  ]
  return rows.map(([label = '', value = '']) => `${label.padEnd(12)}${value}`)
}

function nodeTotals({ nodes }: ReportSummary): string[] {
  if (nodes.length === 0) return []
  const columns: readonly Column[] = [
    { title: 'NODE' },
    { title: 'TARGET' },
    ...['SENT', 'PRESENT', 'FAILED', 'NOT SENT', 'BYTES SENT'].map(
      (title): Column => ({ title, align: 'right' }),
    ),
  ]
  const rows = nodes.map(({ name, host, root, sent, present, failed, absent, sent_bytes }) => [
    line(name),
    line(host === undefined ? root : `${host}:${root}`),
    ...[sent, present, failed, absent].map(String),
    formatBytes(sent_bytes),
  ])
  return table(columns, rows)
}

/** Packages down, nodes across; as many nodes side by side as fit, the rest in further tables. */
function nodeMatrix({ nodes }: ReportSummary): string[] {
  const labels = (nodes[0]?.packages ?? []).map((row) =>
    line(`${row.name}@${row.version} ${row.platform}/${row.arch}`),
  )
  if (labels.length === 0) return []
  const used = labels.reduce((most, label) => Math.max(most, label.length), 'PACKAGE'.length)
  const states = new Map(
    nodes.map(({ name, packages }) => [line(name), packages.map((row) => NODE_STATES[row.state])]),
  )
  return fitting([...states.keys()], used, STATE_WIDTH).flatMap((group, index) => [
    ...(index === 0 ? [] : ['']),
    ...table(
      [{ title: 'PACKAGE' }, ...group.map((title) => ({ title }))],
      labels.map((label, row) => [label, ...group.map((name) => states.get(name)?.[row] ?? '')]),
    ),
  ])
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

function failure({ code, item, node, message, hint, faults, stage, plugin }: ReportFailure): string[] {
  const place = [stage, plugin].filter((part) => part !== undefined).join(', ')
  const what = [item, node === undefined ? undefined : `on ${node}`, place === '' ? undefined : `(${place})`]
  return [
    `${code}  ${line(what.filter((part) => part !== undefined).join(' '))}`.trimEnd(),
    ...wrap(message, '  '),
    ...(faults ?? []).flatMap((fault) => wrap(`- ${fault}`, '  ')),
    ...(hint === undefined ? [] : wrap(`hint: ${hint}`, '  ')),
  ]
}

/** The report as text, ending in a newline. */
export function renderText(summary: ReportSummary): string {
  const { packages, failures } = summary
  const finished = summary.finished_at.slice(0, 19).replace('T', ' ')
  const lines = [
    ...wrap(reportHeadline(summary), ''),
    '',
    `${finished} UTC, took ${formatDuration(summary.duration_ms)}, exit code ${summary.exit_code}`,
    `Store: ${line(summary.store)}`,
    ...section('TOTALS', totals(summary)),
    ...section('PACKAGES', packages.length === 0 ? [] : table(PACKAGE_COLUMNS, packages.map(packageCells))),
    ...section('SERVED BY A MIRROR OR AFTER A REDIRECT', servedElsewhere(summary)),
    ...section('NODES', nodeTotals(summary)),
    ...section('PACKAGES ON NODES', nodeMatrix(summary)),
    ...section('COMPOSITION OF THE STORE', composition(summary)),
    ...section(
      `FAILURES (${failures.length})`,
      failures.flatMap((item, index) => [...(index === 0 ? [] : ['']), ...failure(item)]),
    ),
  ]
  return `${lines.join('\n')}\n`
}
