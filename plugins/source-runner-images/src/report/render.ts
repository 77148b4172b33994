import type { ReportNode, SoftwareReport } from './types.ts'

/**
 * A report as the Markdown that is published beside it, by the rules of upstream's software-report-base. Text of the
 * report stands in it as it is.
 * https://github.com/actions/runner-images/blob/main/helpers/software-report-base/SoftwareReport.Nodes.psm1
 * @returns without a line break at the end
 */
export function renderReport(report: SoftwareReport): string {
  return renderNode(report.root, 1).trim()
}

/** @param level of a header that is printed here, 1 or more */
function renderNode(node: ReportNode, level: number): string {
  if (node.kind === 'tool') return `- ${node.name} ${node.version}`
  if (node.kind === 'note') return ['```', node.content, '```'].join('\n')
  if (node.kind === 'table') return renderTable(node.headers, node.rows)
  if (node.kind === 'header')
    return section(
      level,
      node.title,
      node.children.map((child) => renderNode(child, level + 1)),
    )
  if (node.listType === 'Inline') return `- ${node.name}: ${node.versions.join(', ')}`
  return section(
    level,
    node.name,
    node.versions.map((version) => `- ${version}`),
  )
}

/** The empty line before it parts it from what is above. */
function section(level: number, title: string, lines: readonly string[]): string {
  return ['', `${'#'.repeat(level)} ${title}`, ...lines].join('\n').trimEnd()
}

/** A Markdown table with cells of one width; a cell that is a dash alone is filled up with dashes. */
export function renderTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, headers.map(() => '-'), ...rows]
  const widths = headers.map((_, column) =>
    lines.reduce((width, cells) => Math.max(width, cells[column]?.length ?? 0), 0),
  )
  return lines
    .map((cells) => {
      const padded = widths.map((width, column) => {
        const cell = cells[column] ?? ''
        return cell.padEnd(width, cell === '-' ? '-' : ' ')
      })
      return `|${padded.map((cell) => ` ${cell} |`).join('')}`
    })
    .join('\n')
}
