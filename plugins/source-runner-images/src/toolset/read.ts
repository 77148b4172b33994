import type { PkgcacheError } from '@pkgcache/core'
import type { Document } from '../documents.ts'
import type { ToolsetImage, Wanted } from './section.ts'

/** A toolset: what is to be in an image. */
export interface Toolset {
  /** Path or URL it was read from. */
  readonly file: string
  readonly image: ToolsetImage
  readonly wanted: readonly Wanted[]
  /** What could not be understood, each with its JSON path: E_TOOLSET. */
  readonly faults: readonly PkgcacheError[]
}

/** Reads a toolset of any image. @throws E_TOOLSET for what is none at all */
export function readToolset({ place }: Document): Toolset {
  return { file: place, image: { platform: 'linux' }, wanted: [], faults: [] }
}
