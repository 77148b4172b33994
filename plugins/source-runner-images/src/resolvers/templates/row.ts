import type { ToolQuery } from '../resolver.ts'
import { compareVersions } from '../spec.ts'

/** A machine, as rows of templates name it. */
export type Machine = `${ToolQuery['platform']}-${ToolQuery['arch']}`

/** A convention that did not always hold. */
export interface Convention {
  readonly url: string
  /** Versions that it holds for. */
  readonly when: (version: string) => boolean
}

/**
 * Where a project publishes the files of its exact versions, by its own convention. `{version}` in a URL is the version
 * as `version` gives it; further words come from `words`.
 */
export interface Template {
  /** As toolsets and people call it, whatever the case. */
  readonly tool: string
  /** Other names of it, whatever the case. */
  readonly aliases?: readonly string[]
  /** Where people see which releases there are. */
  readonly releases: string
  /**
   * The version as the project writes it; undefined for what cannot be one of its versions. Default: two to four
   * numbers, and a prerelease (`3.31.0-rc1`), as they are.
   */
  readonly version?: (version: string) => string | undefined
  /** Other words that its URLs need, made of the version that `version` gave. */
  readonly words?: (version: string) => Readonly<Record<string, string>>
  /** By machine, `any` for files that serve all; of several conventions the first that holds. */
  readonly urls: Readonly<Partial<Record<Machine | 'any', string | readonly Convention[]>>>
}

/** A convention from that version on. */
export function since(version: string, url: string): Convention {
  return { url, when: (asked) => compareVersions(asked, version) >= 0 }
}

/** A convention before that version. */
export function before(version: string, url: string): Convention {
  return { url, when: (asked) => compareVersions(asked, version) < 0 }
}

/** A convention from one version on, and before another. */
export function between(from: string, to: string, url: string): Convention {
  return {
    url,
    when: (asked) => compareVersions(asked, from) >= 0 && compareVersions(asked, to) < 0,
  }
}

/** `1.20.0` → `1.20`: for projects that do not write a last zero. */
export function withoutLastZero(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1')
}

/** `9.0` → `9.0.0`: for projects that write all three numbers. */
export function threeNumbers(version: string): string {
  return /^\d+\.\d+$/.test(version) ? `${version}.0` : version
}
