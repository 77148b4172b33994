import type { PackageKey } from './names.ts'

/**
 * One thing that a toolset or a list asks for, whether or not a package can be made of it: a row of the coverage report.
 * Texts are as their file spells them.
 */
export interface Requirement {
  /** Path or URL of the file that asks for it. */
  readonly from: string
  /** Part of that file: `toolcache`, `java.versions`, … What `--only` names. */
  readonly section: string
  /** The tool as that file spells it. */
  readonly tool: string
  /** What is asked for: `3.12.*`, `17`, `latest`. */
  readonly requested: string
  readonly platform: string
  readonly arch: string
  /** How it was looked for and found, in the plugin's own words: `matched`, `not-in-report`, … */
  readonly status: string
  /** Whether the image that is to be reproduced holds it; absent where there is no image to look at. */
  readonly inReport?: boolean
  /** What that image calls it. */
  readonly reportName?: string
  /** The exact version; absent when none could be found. */
  readonly version?: string
  /** What its URL was taken from: `manifest`, `index`, `template`, …; or why there is none: `package-manager`, `floating`. */
  readonly evidence?: string
  /** Without credentials. */
  readonly url?: string
  /** False: there is nothing of it that could be downloaded and kept; it does not count for the coverage. */
  readonly downloadable: boolean
  /** The package that stands for it; absent when there is none, for `reason`. */
  readonly key?: PackageKey
  /** Why there is no package for it. */
  readonly reason?: string
}
