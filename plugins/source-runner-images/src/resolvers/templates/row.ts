import type { ToolQuery } from '../resolver.ts'

/** A machine, as rows of templates name it. */
export type Machine = `${ToolQuery['platform']}-${ToolQuery['arch']}`

/**
 * Where a project publishes the files of its exact versions, by its own convention. `{version}` in a URL is the version
 * as `version` gives it; further words come from `words`.
 */
export interface Template {
  /** As toolsets and people call it; others in `aliases`. Whatever the case. */
  readonly tool: string
  readonly aliases?: readonly string[]
  /** Where people see which releases there are. */
  readonly releases: string
  /**
   * The version as the project writes it; undefined for what cannot be one of its versions. Default: two to four
   * numbers, and a prerelease (`3.31.0-rc1`), as they are.
   */
  readonly version?: (version: string) => string | undefined
  /** Other words that its URLs need, of the version that `version` gave; undefined where there is no such file. */
  readonly words?: (version: string) => Readonly<Record<string, string>> | undefined
  /** By machine; `any` for files that serve all. */
  readonly urls: Readonly<Partial<Record<Machine | 'any', string>>>
}
