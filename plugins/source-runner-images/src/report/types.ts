import type { PkgcacheError } from '@pkgcache/core'

/** Entries that stand for software. */
export const TOOL_CLASSES = [
  'tool',
  'cached-tool',
  'list',
  'ps-module',
  'java',
  'table-tool',
  'vs-component',
  'android',
  'apt',
  'docker-image',
] as const

/** Entries that tell of the image itself. */
export const OTHER_CLASSES = ['image-info', 'feature', 'env', 'shell', 'property', 'note'] as const

/** What an entry is: decided by its place and its table's headers, never by how its value looks. */
export type EntryClass = (typeof TOOL_CLASSES)[number] | (typeof OTHER_CLASSES)[number]

/** One thing that a software report lists. */
export interface ReportEntry {
  readonly class: EntryClass
  /** Without trailing colon. */
  readonly name: string
  /** The version alone, without what is said beside it; null where there is none (`(build from commit …)`). */
  readonly version: string | null
  /** All of them, where the text has several: `2.12.5 2.12.6`. */
  readonly versions?: readonly string[]
  /** The text as the report has it: of a table's row the version's cell, of a cell with several versions one of them. */
  readonly raw: string
  /** Titles of the headers above it, the image's own left out: `["Installed Software", "Tools"]`. */
  readonly section: readonly string[]
  /** `x64`, `x86`, `arm64`, where the report says. */
  readonly arch?: string
  /** Of a JDK: `17`, by its variable's name. */
  readonly major?: string
  /** Digest of a container image. */
  readonly digest?: string
  /** JSON path of the node it was read from. */
  readonly path: string
}

/** A node of the report, in today's form whatever the file's was. */
export type ReportNode =
  | {
      readonly kind: 'header'
      readonly title: string
      readonly children: readonly ReportNode[]
      readonly path: string
    }
  | { readonly kind: 'tool'; readonly name: string; readonly version: string; readonly path: string }
  | {
      readonly kind: 'list'
      readonly name: string
      readonly versions: readonly string[]
      /** How it is printed; says nothing of what it is. */
      readonly listType: 'Inline' | 'List'
      /** What two versions have in common of which one replaces the other: `^\\d+\\.\\d+`; null where it is not said. */
      readonly majorVersionRegex: string | null
      readonly path: string
    }
  | {
      readonly kind: 'table'
      readonly headers: readonly string[]
      readonly rows: readonly (readonly string[])[]
      readonly path: string
    }
  | { readonly kind: 'note'; readonly content: string; readonly path: string }

/** A software report: what an image holds. */
export interface SoftwareReport {
  /** Path or URL it was read from. */
  readonly file: string
  readonly image: {
    /** Title of the root: `Windows Server 2025`. */
    readonly name: string
    /** `20250720.1.0`; null where the report does not say. */
    readonly version: string | null
    /** `win32`, `linux`, `darwin`, by the title; null for none of them. */
    readonly platform: 'win32' | 'linux' | 'darwin' | null
    /** Of the machine, by the variables of its JDKs; null where nothing tells. */
    readonly arch: 'x64' | 'arm64' | null
  }
  readonly root: Extract<ReportNode, { kind: 'header' }>
  /** Everything listed, in the order of the report. */
  readonly entries: readonly ReportEntry[]
  /** What could not be read, each with its JSON path: E_SOFTWARE_REPORT. */
  readonly faults: readonly PkgcacheError[]
}
