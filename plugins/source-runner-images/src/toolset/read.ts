import { PkgcacheError } from '@pkgcache/core'
import type { Document } from '../documents.ts'
import { Located } from '../located.ts'
import { imageOf, type ToolsetHint } from './image.ts'
import type { ToolsetImage, Wanted } from './section.ts'
import { SECTIONS } from './sections/index.ts'

/** A toolset: what is to be in an image. */
export interface Toolset {
  /** Path or URL it was read from. */
  readonly file: string
  readonly image: ToolsetImage
  readonly wanted: readonly Wanted[]
  /** What could not be understood, each with its JSON path: E_TOOLSET. */
  readonly faults: readonly PkgcacheError[]
}

// keys that ask for nothing
const SILENT = new Set(['$schema', '$comment', 'pinnedDetails'])

/**
 * Reads a toolset of any image. Sections that are not known are told, the others count.
 * @throws E_TOOLSET for what is none at all
 */
export function readToolset({ place: file, value }: Document, hint: ToolsetHint = {}): Toolset {
  const faults: PkgcacheError[] = []
  const root = new Located(value, { file, code: 'E_TOOLSET', tell: (fault) => void faults.push(fault) })
  if (!root.isObject) throw none(file, 'is no toolset: it is no JSON object')
  const sections = root.entries().filter(([key]) => !SILENT.has(key))
  const known = sections.filter(([key]) => SECTIONS.some((section) => section.key === key))
  if (sections.length > 0 && known.length === 0)
    throw none(
      file,
      `is no toolset: none of its keys is a section (${sections
        .slice(0, 5)
        .map(([key]) => key)
        .join(', ')})`,
    )
  const image = imageOf(root, file, hint)
  if (image === undefined) throw none(file, 'does not tell which system it is for')
  const wanted = sections.flatMap(([key, section]) => rowsOf(key, section, image))
  return { file, image, wanted, faults }
}

function rowsOf(key: string, value: Located, image: ToolsetImage): Wanted[] {
  const section = SECTIONS.find((candidate) => candidate.key === key)
  if (section) return [...section.rows(value, image)]
  value.fault(
    'is a section that is not known; nothing of it is looked for',
    'update pkgcache, or leave it out',
  )
  return []
}

function none(file: string, what: string): PkgcacheError {
  return new PkgcacheError('E_TOOLSET', `$: ${what}`, {
    item: file,
    hint: 'a toolset is a file such as images/windows/toolsets/toolset-2025.json of actions/runner-images',
  })
}
