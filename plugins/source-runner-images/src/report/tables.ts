import { own } from '../own.ts'
import type { EntryClass, ReportEntry, ReportNode } from './types.ts'
import { androidPieces, androidVersion } from './versions.ts'

/** What a table's row says, before place and clean versions are added. */
export type Row = Pick<ReportEntry, 'class' | 'name' | 'raw'> &
  Partial<Pick<ReportEntry, 'arch' | 'digest' | 'major'>> & {
    /** Undefined: it is taken from `raw`. */
    readonly version?: string | null
  }

/** The headers above a table. */
export interface TablePlace {
  /** The nearest one. */
  readonly title: string
  /** Below "Installed apt packages". */
  readonly apt: boolean
}

type Table = Extract<ReportNode, { kind: 'table' }>
type Reader = (cells: readonly string[], place: TablePlace, headers: readonly string[]) => readonly Row[]

const ARCHS: Readonly<Record<string, string>> = {
  x64: 'x64',
  amd64: 'x64',
  x86: 'x86',
  arm64: 'arm64',
  aarch64: 'arm64',
}

/**
 * By their columns, written small; the first that fits counts. They are all that the images' scripts write:
 * https://github.com/actions/runner-images/tree/main/images, scripts/docs-gen.
 */
const RULES: readonly (readonly [headers: RegExp, read: Reader])[] = [
  [/^name\|value$/, told('env')],
  [/^name\|target$/, told('shell')],
  [/^property\|value$/, property],
  [/^version\|(?:.*\|)?environment variables?(?:\||$)/, jdk],
  // databases of Windows; Xcode and Visual Studio of macOS
  [/^version\|(?:servicename|build)(?:\||$)/, ([raw = ''], { title }) => [tool(title, raw)]],
  [
    /^name\|architecture\|version(?:\||$)/,
    ([name = '', arch = '', raw = '']) => [{ ...tool(name, raw), ...archOf(arch) }],
  ],
  [/^package\|version$/, ([name = '', raw = '']) => [{ class: 'vs-component', name, raw }]],
  [/^package name\|version$/, android],
  [/^repository:tag\|digest(?:\||$)/, image],
  [
    /^name\|version(?:\||$)/,
    ([name = '', raw = ''], { apt }) => [{ class: apt ? 'apt' : 'table-tool', name, raw }],
  ],
  // what Xcode brings along, and which Xamarin versions go together
  [/^sdk\|sdk name\|xcode version$/, told('property')],
  [/^(?:name\|)?os\|(?:xcode version\|)?simulators$/, told('property')],
  [/^symlink\|xamarin\./, told('property')],
]

/** Rows of a table as what they stand for; undefined for columns that are not known. */
export function readRows(table: Table, place: TablePlace): readonly Row[] | undefined {
  const headers = table.headers.map((header) => header.trim().toLowerCase())
  const read = RULES.find(([pattern]) => pattern.test(headers.join('|')))?.[1]
  if (read === undefined) return undefined
  const rows = table.rows.flatMap((cells) => read(cells, place, headers))
  if (read !== property || rows.some((row) => row.class === 'table-tool')) return rows
  return [{ ...tool(place.title, ''), version: null }, ...rows]
}

function tool(name: string, raw: string): Row {
  return { class: 'table-tool', name, raw }
}

/** Rows that say something of the image: a name, and what it is. */
function told(kind: EntryClass): Reader {
  return ([name = '', ...rest]) => [{ class: kind, name, raw: rest.join('|'), version: null }]
}

/** One tool, a property in each row; Windows lists PostgreSQL so, its password too. */
function property([name = '', raw = '']: readonly string[], { title }: TablePlace): readonly Row[] {
  if (name.trim().toLowerCase() === 'version') return [tool(title, raw)]
  return [{ class: 'property', name, raw, version: null }]
}

/** `17.0.15+6 (default)|JAVA_HOME_17_X64`; on arm64 `_arm64` (macOS) or `_AARCH64` (Windows). GraalVM has `GRAALVM_11_ROOT`. */
function jdk(cells: readonly string[], { title }: TablePlace, headers: readonly string[]): readonly Row[] {
  const variable = cells[headers.findIndex((header) => header.startsWith('environment variable'))] ?? ''
  const [, major, arch = ''] = /(?:JAVA_HOME|GRAALVM)_(\d+)_(?:ROOT|([A-Za-z0-9]+))/i.exec(variable) ?? []
  const row = { class: 'java', name: title, raw: cells[0] ?? '' } as const
  return [{ ...row, ...archOf(arch), ...(major !== undefined && { major }) }]
}

function archOf(text: string): { arch?: string } {
  const arch = text.trim().toLowerCase()
  if (arch === '') return {}
  return { arch: own(ARCHS, arch) ?? arch }
}

function android([name = '', cell = '']: readonly string[]): readonly Row[] {
  return androidPieces(name, cell).map((raw) => ({
    class: 'android',
    name,
    raw,
    version: androidVersion(raw),
  }))
}

/** `mcr.microsoft.com/windows/servercore:ltsc2022|sha256:…|2025-01-12`; a registry's port has a colon as well. */
function image([raw = '', digest = '']: readonly string[]): readonly Row[] {
  const reference = raw.trim()
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
  const hash = /^sha\d+:[0-9a-f]+$/i.exec(digest.trim())?.[0]
  return [
    {
      class: 'docker-image',
      name: colon === -1 ? reference : reference.slice(0, colon),
      raw,
      version: colon === -1 ? null : reference.slice(colon + 1),
      ...(hash !== undefined && { digest: hash.toLowerCase() }),
    },
  ]
}
