import { shorten } from '@pkgcache/core'
import { type DocumentPlace, documentFault } from '../located.ts'
import { own } from '../own.ts'
import { type Row, readRows } from './tables.ts'
import type { EntryClass, ReportEntry, ReportNode } from './types.ts'
import { cleanVersions } from './versions.ts'

type Header = Extract<ReportNode, { kind: 'header' }>
type NodeOf<Kind extends ReportNode['kind']> = Extract<ReportNode, { kind: Kind }>

/** What the headers above a node say of it. */
interface Place {
  /** Titles, the image's own left out. */
  readonly section: readonly string[]
  /** Class of tools here. */
  readonly tools: EntryClass
  /** Class of lists here. */
  readonly lists: EntryClass
  readonly apt: boolean
  /** Names what has no name of its own. */
  readonly title: string
}

/** Headers that decide what is below them, at any depth; Windows writes "Powershell Modules". */
const DECIDING: Readonly<Record<string, Partial<Place>>> = {
  'windows features': { tools: 'feature' },
  'cached tools': { lists: 'cached-tool' },
  'powershell modules': { lists: 'ps-module' },
  'installed apt packages': { apt: true },
}

/** Everything that a report lists, in its order. Tables with unknown columns are told of and left out. */
export function entriesOf(root: Header, document: DocumentPlace): ReportEntry[] {
  const entries: ReportEntry[] = []
  const visit = (header: Header, place: Place) => {
    for (const node of header.children) {
      if (node.kind === 'header') {
        visit(node, below(place, node.title))
        continue
      }
      for (const row of rowsOf(node, place, document)) entries.push(entry(row, place, node.path))
    }
  }
  const title = nameOf(root.title)
  visit(root, { section: [], tools: 'image-info', lists: 'list', apt: false, title })
  return entries
}

function below(place: Place, title: string): Place {
  const name = nameOf(title)
  const key = name.toLowerCase()
  const tools = place.tools === 'image-info' ? 'tool' : place.tools
  const decided = own(DECIDING, key)
  return { ...place, tools, section: [...place.section, title], title: name, ...decided }
}

function rowsOf(
  node: Exclude<ReportNode, { kind: 'header' }>,
  place: Place,
  document: DocumentPlace,
): Iterable<Row> {
  if (node.kind === 'tool') return [{ class: place.tools, name: node.name, raw: node.version }]
  if (node.kind === 'list') return listRows(node, place)
  if (node.kind === 'note') return [{ class: 'note', name: place.title, raw: node.content, version: null }]
  return readRows(node, place) ?? unknownColumns(node, document)
}

function* listRows({ name, versions }: NodeOf<'list'>, { lists }: Place): Iterable<Row> {
  for (const raw of versions) yield { class: lists, name, raw }
}

function unknownColumns({ headers, path }: NodeOf<'table'>, { file, code, tell }: DocumentPlace): Row[] {
  const shown = shorten(JSON.stringify(headers.join('|')), 120)
  tell(
    documentFault(
      code,
      { file, path },
      `there is no table with the columns ${shown}`,
      'its rows are left out; render shows them',
    ),
  )
  return []
}

function entry({ version: given, ...row }: Row, { section }: Place, path: string): ReportEntry {
  const versions = given === undefined ? cleanVersions(row.raw) : []
  return {
    ...row,
    name: nameOf(row.name),
    version: given === undefined ? (versions[0] ?? null) : given,
    ...(versions.length > 1 && { versions }),
    section,
    path,
  }
}

/** `OS Version` of `OS Version:`. */
function nameOf(text: string): string {
  // from the start of a run alone: without that, a text of colons takes the square of its length
  return text.trim().replace(/(?<![\s:])[\s:]+$/, '')
}
