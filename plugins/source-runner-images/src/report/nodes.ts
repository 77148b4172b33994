import { shorten } from '@pkgcache/core'
import type { Located } from '../located.ts'
import { own } from '../own.ts'
import type { ReportNode } from './types.ts'

type Header = Extract<ReportNode, { kind: 'header' }>
type Reader = (node: Located, depth: number) => ReportNode | undefined

// upstream writes with `ConvertTo-Json -Depth 10`, so its headers are five deep at most
const MAX_DEPTH = 50

// PowerShell compares without case; ToolNode and ToolVersionsNode are the names of 2022
const READERS: Readonly<Record<string, Reader>> = {
  headernode: readHeader,
  toolversionnode: readTool,
  toolnode: readTool,
  toolversionslistnode: readList,
  toolversionsnode: readList,
  tablenode: readTable,
  notenode: readNote,
}

/**
 * Reads a report's tree, whatever its nodes lack; each fault is told and the rest goes on.
 * https://github.com/actions/runner-images/blob/main/helpers/software-report-base/SoftwareReport.Nodes.psm1
 * @returns undefined for what is no report at all
 */
export function readRoot(root: Located): Header | undefined {
  if (!root.isObject || typeOf(root) !== 'headernode') return undefined
  return readHeader(root, 0)
}

function typeOf(node: Located): string | undefined {
  const type = node.get('NodeType')?.value
  return typeof type === 'string' ? type.toLowerCase() : undefined
}

function readNode(node: Located, depth: number): ReportNode | undefined {
  if (!node.isObject) return node.fault('is no node: nodes are objects with a NodeType')
  const type = typeOf(node)
  const reader = type === undefined ? undefined : own(READERS, type)
  if (reader !== undefined) return reader(node, depth)
  const name = node.get('NodeType')?.value
  return node.fault(
    name === undefined ? 'has no NodeType' : `there is no node type ${shorten(JSON.stringify(name), 60)}`,
    'HeaderNode, ToolVersionNode, ToolVersionsListNode, TableNode and NoteNode are known',
  )
}

function readHeader(node: Located, depth: number): Header {
  const title = textOf(node, 'Title') ?? ''
  const children: ReportNode[] = []
  if (depth >= MAX_DEPTH) node.fault(`headers are nested more than ${MAX_DEPTH} deep`)
  else
    for (const child of membersOf(node, 'Children')) {
      const read = readNode(child, depth + 1)
      if (read !== undefined) children.push(read)
    }
  return { kind: 'header', title, children, path: node.path }
}

function readTool(node: Located): ReportNode | undefined {
  const name = textOf(node, 'ToolName')
  if (name === undefined) return undefined
  return { kind: 'tool', name, version: textOf(node, 'Version') ?? '', path: node.path }
}

function readList(node: Located): ReportNode | undefined {
  const name = textOf(node, 'ToolName')
  if (name === undefined) return undefined
  const versions = textsOf(node, 'Versions')
  if (versions.length === 0) node.fault('has no Versions')
  const inline = String(node.get('ListType')?.value).toLowerCase() === 'inline'
  const regex = node.get('MajorVersionRegex')?.value
  return {
    kind: 'list',
    name,
    versions,
    listType: inline ? 'Inline' : 'List',
    majorVersionRegex: typeof regex === 'string' ? regex : null,
    path: node.path,
  }
}

function readTable(node: Located): ReportNode | undefined {
  const headers = textOf(node, 'Headers')?.split('|')
  if (headers === undefined) return undefined
  const rows: string[][] = []
  for (const row of membersOf(node, 'Rows')) {
    const cells = row.text()?.split('|')
    if (cells === undefined) continue
    if (cells.length !== headers.length)
      row.fault(`has ${cells.length} cells, the table has ${headers.length} columns`)
    rows.push(cells)
  }
  return { kind: 'table', headers, rows, path: node.path }
}

function readNote(node: Located): ReportNode | undefined {
  const content = textOf(node, 'Content')
  return content === undefined ? undefined : { kind: 'note', content, path: node.path }
}

function textOf(node: Located, key: string): string | undefined {
  const member = node.get(key)
  if (member === undefined) return node.fault(`has no ${key}`)
  return member.text()
}

function textsOf(node: Located, key: string): string[] {
  return membersOf(node, key).flatMap((member) => member.text() ?? [])
}

/** PowerShell writes a list of one element as that element, and an empty one as null. */
function membersOf(node: Located, key: string): Located[] {
  const member = node.get(key)
  if (member === undefined) return []
  return member.isList ? member.list().filter(({ value }) => value !== null) : [member]
}
