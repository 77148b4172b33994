import type { ReportDelivery, ReportNode, ReportNodeState, ReportSummary } from '@pkgcache/core'
import { fitting, line, table, wrap } from './layout.ts'

const NODE_STATES: Readonly<Record<ReportNodeState, string>> = {
  sent: 'sent',
  present: 'present',
  failed: 'FAILED',
  fallback: 'fallback',
  skipped: 'skipped',
  'other-arch': '-',
  'other-nodes': '-',
  absent: 'not sent',
}
const STATE_WIDTH = Math.max(...Object.values(NODE_STATES).map((text) => text.length))

/** Nodes of which the same is to be said. */
interface Column {
  readonly title: string
  readonly names: readonly string[]
  readonly states: readonly ReportNodeState[]
}

function column(nodes: readonly ReportNode[]): Column {
  const names = nodes.map(({ name }) => line(name))
  const more = names.length > 1 ? ` +${names.length - 1}` : ''
  const states = (nodes[0]?.packages ?? []).map(({ state }) => state)
  return { title: `${names[0]}${more}`, names, states }
}

function label({ name, version, platform, arch }: ReportDelivery): string {
  return line(`${name}@${version} ${platform}/${arch}`)
}

/**
 * Packages down, nodes across, as many side by side as fit, the rest in further tables. Where one table cannot hold
 * all, nodes of which the same is to be said share a column, and lines below say who they are.
 */
export function nodeMatrix({ nodes }: ReportSummary): string[] {
  const labels = (nodes[0]?.packages ?? []).map(label)
  if (labels.length === 0) return []
  const used = labels.reduce((most, text) => Math.max(most, text.length), 'PACKAGE'.length)
  const arrange = (columns: readonly Column[]) => fitting(columns, ({ title }) => title, used, STATE_WIDTH)
  const single = arrange(nodes.map((node) => column([node])))
  const groups = single.length === 1 ? single : arrange(folded(nodes))
  const tables = groups.flatMap((group, index) => [
    ...(index === 0 ? [] : ['']),
    ...table(
      [{ title: 'PACKAGE' }, ...group],
      labels.map((text, row) => [text, ...group.map(({ states }) => NODE_STATES[states[row] ?? 'absent'])]),
    ),
  ])
  const shared = groups.flat().filter(({ names }) => names.length > 1)
  return [...tables, ...shared.flatMap(({ title, names }) => wrap(`${title}: ${names.join(', ')}`, ''))]
}

function folded(nodes: readonly ReportNode[]): Column[] {
  const alike = new Map<string, ReportNode[]>()
  for (const node of nodes) {
    const id = node.packages.map(({ state }) => state).join()
    const known = alike.get(id)
    if (known === undefined) alike.set(id, [node])
    else known.push(node)
  }
  return [...alike.values()].map(column)
}
