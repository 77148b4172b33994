import type { OptionsSchema } from '@pkgcache/core'

/** What is done with one tool. */
export interface ToolOptions {
  /** True: stored as `.tar.zst` where its format can be read. Default false: as upstream made it. */
  readonly normalise?: boolean
}

export interface RunnerImagesOptions {
  /** Software report of the image that is to be reproduced: path or URL. Several: each toolset goes with that of its image. */
  readonly report?: string | readonly string[]
  /** Toolset files: paths or URLs. */
  readonly toolset?: string | readonly string[]
  /** A source list in place of report and toolsets: path or URL. */
  readonly sources?: string
  /** Only these sections of the toolsets. Default: all. */
  readonly sections?: readonly string[]
  /** By the tool's name in the toolset. */
  readonly tools?: Readonly<Record<string, ToolOptions>>
  /** Whether versions that are no final releases count. Default false, as the images do since 2026-05-06. */
  readonly prereleases?: boolean
  /** Folder that gets the tools as `actions/setup-*` look for them: the runner's RUNNER_TOOL_CACHE. */
  readonly toolCache?: string
}

const PLACE = { type: 'string', minLength: 1 } as const

const PLACES = { anyOf: [PLACE, { type: 'array', items: PLACE, minItems: 1 }] } as const

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    report: { ...PLACES, description: 'software reports of the images: paths or URLs' },
    toolset: { ...PLACES, description: 'toolset files: paths or URLs' },
    sources: { ...PLACE, description: 'a source list in place of report and toolsets' },
    sections: { type: 'array', items: PLACE, minItems: 1, description: 'only these sections' },
    tools: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { normalise: { type: 'boolean' } },
      },
    },
    prereleases: { type: 'boolean' },
    toolCache: { ...PLACE, description: 'folder in the layout of RUNNER_TOOL_CACHE' },
  },
}
