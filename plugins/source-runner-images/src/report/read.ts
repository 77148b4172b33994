import { PkgcacheError } from '@pkgcache/core'
import type { Document } from '../documents.ts'
import { type DocumentPlace, documentFault, Located } from '../located.ts'
import { entriesOf } from './entries.ts'
import { readRoot } from './nodes.ts'
import type { ReportEntry, SoftwareReport } from './types.ts'

const CODE = 'E_SOFTWARE_REPORT'
// whoever has to mend more than that needs another file, not a longer list
const MAX_FAULTS = 1000

const PLATFORMS = [
  [/\bwindows\b/i, 'win32'],
  [/\bubuntu\b|\blinux\b/i, 'linux'],
  [/\bmacos\b|\bmac os\b|\bos x\b/i, 'darwin'],
] as const

/**
 * Reads a software report of a runner image, in today's form or one of 2022. What is wrong in it is in `faults`, and
 * everything else is read.
 * @throws E_SOFTWARE_REPORT for a document that is no report
 */
export function readReport({ place: file, value }: Document): SoftwareReport {
  const faults: PkgcacheError[] = []
  let told = 0
  const document: DocumentPlace = {
    file,
    code: CODE,
    tell: (fault) => {
      told++
      if (told <= MAX_FAULTS) faults.push(fault)
    },
  }
  const root = readRoot(new Located(value, document))
  if (root === undefined) {
    throw new PkgcacheError(CODE, 'is no software report: it does not begin with a HeaderNode', {
      item: file,
      hint: 'reports are the .json files of the releases of https://github.com/actions/runner-images',
    })
  }
  const entries = entriesOf(root, document)
  if (told > MAX_FAULTS)
    faults.push(documentFault(CODE, { file, path: '$' }, `${told - MAX_FAULTS} more faults are not listed`))
  return { file, image: imageOf(root.title, entries), root, entries, faults }
}

function imageOf(title: string, entries: readonly ReportEntry[]): SoftwareReport['image'] {
  const version = entries.find((entry) => entry.class === 'image-info' && isImageVersion(entry.name))
  return {
    name: title,
    version: version?.raw.trim() || null,
    platform: PLATFORMS.find(([pattern]) => pattern.test(title))?.[1] ?? null,
    arch: machineOf(entries),
  }
}

/** The node that names the image's build, with or without its colon. */
export function isImageVersion(name: string): boolean {
  return /^image version:?$/i.test(name.trim())
}

/** Nothing else in a report says what machine the image is for; JDKs of two architectures say nothing. */
function machineOf(entries: readonly ReportEntry[]): 'x64' | 'arm64' | null {
  const archs = new Set(entries.flatMap(({ class: kind, arch }) => (kind === 'java' ? (arch ?? []) : [])))
  const [arch] = archs
  return archs.size === 1 && (arch === 'x64' || arch === 'arm64') ? arch : null
}
