import type { Documents } from '../documents.ts'

/** What an URL was taken from: exact data (`manifest`, `index`, `toolset`), or what says less. */
export type UrlEvidence = 'manifest' | 'index' | 'toolset' | 'template' | 'package-manager' | 'floating'

/** A tool that is looked for. */
export interface ToolQuery {
  /** `Python`, `node`, `Ruby`, … as its resolver calls it. */
  readonly tool: string
  /** What is asked for, as a toolset writes it: `3.9.*`, `3.1`, `17`, `*`, `latest`. */
  readonly spec: string
  /** The exact version that is wanted, where it is known (from a report). It is taken in place of the newest that fits. */
  readonly version?: string
  readonly platform: 'win32' | 'linux' | 'darwin'
  readonly arch: 'x64' | 'x86' | 'arm64'
  /** Release of a Linux: `24.04`. */
  readonly platformVersion?: string
  /** URL of the index, where the asker names it (`toolcache[].url`). */
  readonly index?: string
}

/** One file that can be fetched. */
export interface ToolDownload {
  /** Exact. */
  readonly version: string
  readonly url: string
  readonly evidence: UrlEvidence
  /** Lower-case hex, where the index gives it. */
  readonly sha256?: string
  readonly sha512?: string
  /** URL of the index that gives a digest. */
  readonly from?: string
  /** Bytes, where the index gives them. */
  readonly size?: number
}

/** How resolvers are to choose. */
export interface ResolverOptions {
  /** Whether versions that are no final releases count. Default false: left out, as the images do since 2026-05-06. */
  readonly prereleases?: boolean
}

/** One place that tells where a tool's files are. */
export interface Resolver {
  readonly name: string
  /** True: it makes URLs of exact versions, and knows no others. */
  readonly exactOnly?: boolean
  /**
   * @returns files in the index's order of preference; more than one only where one spec means several (an SDK of each
   *   feature band); none where the place has nothing that fits
   * @throws E_VERSION_INDEX, and what fetching the index throws
   */
  resolve(query: ToolQuery, documents: Documents, options?: ResolverOptions): Promise<readonly ToolDownload[]>
}
