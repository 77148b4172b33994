import type { Located } from '../located.ts'
import type { EntryClass, ReportEntry } from '../report/types.ts'
import type { Resolver, ToolQuery, UrlEvidence } from '../resolvers/resolver.ts'

/** What a toolset says of itself by what it holds. */
export interface ToolsetImage {
  readonly platform: 'win32' | 'linux' | 'darwin'
  /** Release of the Linux: `24.04`. */
  readonly platformVersion?: string
  /** Of what the toolset gives no arch for. */
  readonly arch: 'x64' | 'arm64'
}

/** How a tool is found in a software report: exact names only, never parts of names. */
export interface Listing {
  /** Classes it can be listed as. */
  readonly classes: readonly EntryClass[]
  /** Its names in reports, whatever their case and spaces; the first that is there counts. */
  readonly names: readonly string[]
  /** Title of a header that must be above it: `Cached Tools`. */
  readonly under?: string
  /** Arch of the entry, where the report says one. */
  readonly arch?: string
  /**
   * Which of the listed versions is meant: `fits` (equal parts from the left, `*` for the rest), `exact`, `newest`,
   * `minimum` (the least that is asked for), `all` (there are several, each is a row: an SDK of each band).
   */
  readonly rule: 'fits' | 'exact' | 'newest' | 'minimum' | 'all'
  /** What the rule goes by, where it is not `requested`. */
  readonly spec?: string
  /** Versions of one group are one thing, of which the newest counts: for `all`. `8.0.412` → `8.0.4`. */
  readonly group?: (version: string) => string
  /** The project's version of what the report shows: `2.50.1.windows.1` → `2.50.1`. */
  readonly version?: (listed: string) => string
  /** What the resolver is to look for, where that is not the version: PyPy's `3.9.19 [PyPy 7.3.16]`. */
  readonly lookFor?: (entry: ReportEntry) => string
}

/** Where a row's file is to be had from. */
export type Supply =
  /** A resolver tells, by the version found in the report or else by what is asked for. */
  | { readonly kind: 'resolver'; readonly resolver: Resolver; readonly query: Omit<ToolQuery, 'version'> }
  /** The toolset names it itself. */
  | { readonly kind: 'toolset'; readonly version: string; readonly url: string; readonly sha256?: string }
  /** It can be had, but not by a URL that stands for one version: a package manager brings it, or what is there changes. */
  | {
      readonly kind: 'elsewhere'
      readonly evidence: Extract<UrlEvidence, 'package-manager' | 'floating'>
      readonly reason: string
      /** `floating`: a file of whatever version is current. Not fetched. */
      readonly url?: string
    }
  /** There should be a file of it, and nobody here knows where. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** There is no file of it at all: a feature of Windows. */
  | { readonly kind: 'nothing'; readonly reason: string }

/** One row of a toolset: something that is to be in the image. */
export interface Wanted {
  /** Key of the section: `toolcache`, `docker.images`. */
  readonly section: string
  /** As the toolset spells it. */
  readonly tool: string
  /** Name of the package in the store, where the tool's own would not do: no spaces, not one that another section has. */
  readonly name?: string
  /** `3.9.*`, `17`, `latest`, as the toolset spells it; `*` where it says nothing. */
  readonly requested: string
  /** As the toolset spells them. */
  readonly platform: string
  readonly arch: string
  /** JSON path in the toolset. */
  readonly path: string
  /** Absent: reports never list it. */
  readonly listing?: Listing
  readonly supply: Supply
}

/** One section of a toolset. Adding one: a file like the others, and a line in `sections/index.ts`. */
export interface Section {
  /** Key in the toolset. */
  readonly key: string
  /** What it asks for; what is not understood is told by `value.fault`. */
  rows(value: Located, image: ToolsetImage): Iterable<Wanted>
}
