import { diffEntries, type EntryDiff } from './diff-entries.ts'
import { majorOf } from './major.ts'
import { isImageVersion } from './read.ts'
import type { ReportNode, SoftwareReport } from './types.ts'

type Header = Extract<ReportNode, { kind: 'header' }>
/** Notes say nothing that an update changes, so release notes leave them out. */
type Compared = Exclude<ReportNode, { kind: 'header' } | { kind: 'note' }>
type ListNode = Extract<ReportNode, { kind: 'list' }>
type TableNode = Extract<ReportNode, { kind: 'table' }>

/** A tool, list or table that differs. A list holds the versions that differ and no others. */
export interface NodeChange {
  /** Titles of the headers above it, the image's own left out. */
  readonly section: readonly string[]
  /** Null: it is new. */
  readonly before: Compared | null
  /** Null: it is gone. */
  readonly after: Compared | null
}

/** What became of an image. */
export interface ReportDiff {
  readonly old: SoftwareReport
  readonly new: SoftwareReport
  /** Entry by entry. */
  readonly entries: EntryDiff
  /** Node by node, as release notes tell it. */
  readonly nodes: {
    readonly added: readonly NodeChange[]
    readonly removed: readonly NodeChange[]
    readonly changed: readonly NodeChange[]
  }
}

export type { EntryChange, EntryDiff } from './diff-entries.ts'

/**
 * Compares two reports. The image's version is no difference.
 * https://github.com/actions/runner-images/blob/main/helpers/software-report-base/SoftwareReport.DifferenceCalculator.psm1
 */
export function diffReports(old: SoftwareReport, current: SoftwareReport): ReportDiff {
  const nodes = new NodeComparison()
  nodes.compare(old.root, current.root, [])
  return { old, new: current, entries: diffEntries(old.entries, current.entries), nodes }
}

class NodeComparison {
  readonly added: NodeChange[] = []
  readonly removed: NodeChange[] = []
  readonly changed: NodeChange[] = []

  /** Upstream's order: what is there now in its order, then what is gone, header by header. */
  compare(before: Header | undefined, after: Header | undefined, section: readonly string[]): void {
    const [olds, news] = [new Siblings(before), new Siblings(after)]
    for (const node of comparable(after)) {
      const old = olds.like(node)
      if (node.kind === 'header') this.compare(headerOf(old), node, [...section, node.title])
      else this.#compareNodes(old, node, section)
    }
    for (const node of comparable(before)) {
      if (news.like(node) !== undefined) continue
      if (node.kind === 'header') this.compare(node, undefined, [...section, node.title])
      else this.removed.push({ section, before: node, after: null })
    }
  }

  #compareNodes(old: ReportNode | undefined, node: Compared, section: readonly string[]): void {
    if (old?.kind === 'table' && node.kind === 'table') this.#compareTables(old, node, section)
    else if (old?.kind === 'list' && node.kind === 'list') this.#compareLists(old, node, section)
    else if (old?.kind === 'tool' && node.kind === 'tool') {
      if (old.version !== node.version) this.changed.push({ section, before: old, after: node })
    } else this.added.push({ section, before: null, after: node })
  }

  #compareTables(before: TableNode, after: TableNode, section: readonly string[]): void {
    const added = rowsMissing(after, before)
    const removed = rowsMissing(before, after)
    if (added + removed === 0) return
    if (textOf(before.headers) !== textOf(after.headers)) {
      this.removed.push({ section, before, after: null })
      this.added.push({ section, before: null, after })
    } else if (removed === 0) this.added.push({ section, before, after })
    else if (added === 0) this.removed.push({ section, before, after })
    else this.changed.push({ section, before, after })
  }

  /** A version replaces one of the same major; without one it is new. */
  #compareLists(before: ListNode, after: ListNode, section: readonly string[]): void {
    const [oldMajors, newMajors] = [majorsOf(before), majorsOf(after)]
    const [olds, news] = [new Set(before.versions), new Set(after.versions)]
    const incoming = after.versions.filter((version) => !olds.has(version))
    const outgoing = before.versions.filter((version) => !news.has(version))
    const updated = incoming.filter((version) => oldMajors.has(majorOf(version, after)))
    const outdated = outgoing.filter((version) => newMajors.has(majorOf(version, before)))
    const isUpdate = updated.length > 0 && outdated.length > 0
    const added = isUpdate ? incoming.filter((version) => !oldMajors.has(majorOf(version, after))) : incoming
    const removed = isUpdate
      ? outgoing.filter((version) => !newMajors.has(majorOf(version, before)))
      : outgoing
    const part = (node: ListNode, versions: string[]) => ({ ...node, versions })
    if (added.length > 0) this.added.push({ section, before: null, after: part(after, added) })
    if (removed.length > 0) this.removed.push({ section, before: part(before, removed), after: null })
    if (isUpdate) this.changed.push({ section, before: part(before, outdated), after: part(after, updated) })
  }
}

/** The nodes below a header by what makes two nodes the same one: kind and name, without case as in PowerShell. */
class Siblings {
  readonly #first = new Map<string, ReportNode>()

  constructor(header: Header | undefined) {
    for (const node of header?.children ?? []) {
      const key = identityOf(node)
      if (!this.#first.has(key)) this.#first.set(key, node)
    }
  }

  like(node: ReportNode): ReportNode | undefined {
    return this.#first.get(identityOf(node))
  }
}

/** Upstream has one table below a header at most. */
function identityOf(node: ReportNode): string {
  if (node.kind === 'table' || node.kind === 'note') return node.kind
  return `${node.kind} ${(node.kind === 'header' ? node.title : node.name).toLowerCase()}`
}

function comparable(header: Header | undefined): (Compared | Header)[] {
  return (header?.children ?? []).filter(
    (node): node is Compared | Header =>
      node.kind !== 'note' && !(node.kind === 'tool' && isImageVersion(node.name)),
  )
}

function headerOf(node: ReportNode | undefined): Header | undefined {
  return node?.kind === 'header' ? node : undefined
}

function majorsOf(list: ListNode): Set<string> {
  return new Set(list.versions.map((version) => majorOf(version, list)))
}

function textOf(cells: readonly string[]): string {
  return cells.join('|')
}

function rowsMissing(table: TableNode, other: TableNode): number {
  const known = new Set(other.rows.map(textOf))
  return table.rows.filter((cells) => !known.has(textOf(cells))).length
}
