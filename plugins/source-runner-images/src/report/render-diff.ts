import type { NodeChange, ReportDiff } from './diff.ts'
import { renderTable } from './render.ts'

type Cells = readonly [string, ...string[]]

/**
 * A comparison as Markdown, in the way of the hosted images' release notes; text of the reports is escaped.
 * https://github.com/actions/runner-images/blob/main/helpers/software-report-base/SoftwareReport.DifferenceRender.psm1
 * @returns without a line break at the end
 */
export function renderDiff(diff: ReportDiff): string {
  const { image, root } = diff.new
  const facts = root.children.flatMap((node) =>
    node.kind === 'tool' ? [`- ${inline(node.name)} ${inline(node.version)}`] : [],
  )
  const previous = `Previous (${html(diff.old.image.version ?? 'Unknown version')})`
  const current = `Current (${html(image.version ?? 'Unknown version')})`
  const { added, removed, changed } = diff.nodes
  return [
    `# :desktop_computer: Actions Runner Image: ${inline(image.name)}`,
    ...facts,
    '',
    "## :mega: What's changed?",
    '',
    ...chapter('### Added :heavy_plus_sign:', [current], added),
    ...chapter('### Deleted :heavy_minus_sign:', [previous], removed),
    ...chapter('### Updated', [previous, current], changed),
  ]
    .join('\n')
    .trimEnd()
}

/** @param columns of values; the first chapters have one of them */
function chapter(
  title: string,
  columns: readonly string[],
  changes: readonly NodeChange[],
): readonly string[] {
  if (changes.length === 0) return []
  const rows = changes.flatMap(({ section, before, after }): Cells[] => {
    const node = after ?? before
    if (node === null || node.kind === 'table') return []
    const name = node.name.replace(/(?<!:):+$/, '')
    const values = [before, after].flatMap((side) =>
      side === null || side.kind === 'table'
        ? []
        : [side.kind === 'tool' ? side.version : side.versions.join(', ')],
    )
    return [[category(section, html, ' ><br> '), html(name), ...values.map(html)]]
  })
  const tables = changes.flatMap((change) => tableOf(change) ?? [])
  const list = rows.length === 0 ? [] : htmlTable(['Category', 'Tool name', ...columns], rows)
  return [title, '', ...list, ...tables]
}

/** The first header is "Installed Software" for everything, so it is left out. */
function category(section: readonly string[], shown: (text: string) => string, separator: string): string {
  return section.slice(1).map(shown).join(separator)
}

/** Cells of the first column that are the same in a row become one. */
function htmlTable(head: readonly string[], rows: readonly Cells[]): readonly string[] {
  const spans = rows.map(([first], index) => {
    if (index > 0 && rows[index - 1]?.[0] === first) return 0
    const end = rows.findIndex(([other], later) => later > index && other !== first)
    return (end === -1 ? rows.length : end) - index
  })
  return [
    '<table>',
    '    <thead>',
    ...head.map((title) => `        <th>${title}</th>`),
    '    </thead>',
    '    <tbody>',
    ...rows.flatMap(([first, ...others], index) => [
      '        <tr>',
      ...(spans[index] ? [`            <td rowspan="${spans[index]}">${first}</td>`] : []),
      ...others.map((cell) => `            <td>${cell}</td>`),
      '        </tr>',
    ]),
    '    </tbody>',
    '</table>',
    '',
  ]
}

/** The rows that are gone, struck out, and then the new ones. */
function tableOf({ section, before, after }: NodeChange): readonly string[] | undefined {
  const [old, current] = [before?.kind === 'table' ? before : null, after?.kind === 'table' ? after : null]
  const table = current ?? old
  if (table === null) return undefined
  const struck = missing(old?.rows, current?.rows).map((cells) =>
    cells.map((cell) => `~~${markdown(cell)}~~`),
  )
  const fresh = missing(current?.rows, old?.rows).map((cells) => cells.map(markdown))
  return [
    `#### ${category(section, inline, ' > ')}`,
    renderTable(table.headers.map(markdown), [...struck, ...fresh]),
    '',
  ]
}

type Rows = readonly (readonly string[])[]

function missing(rows: Rows = [], others: Rows = []): Rows {
  const known = new Set(others.map((cells) => cells.join('|')))
  return rows.filter((cells) => !known.has(cells.join('|')))
}

function html(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Of HTML only the line breaks that upstream's tables have; no links, no pictures. */
function markdown(text: string): string {
  return inline(text).replace(/&lt;br\s*\/?>/gi, '<br>')
}

function inline(text: string): string {
  return oneLine(text).replaceAll('<', '&lt;').replaceAll('](', ']\\(')
}

/** An empty line would end the HTML, and a line of its own could be anything. */
function oneLine(text: string): string {
  return text.replace(/(?<!\s)\s*[\r\n\u2028\u2029]\s*/g, ' ')
}
