import type { SoftwareReport } from '../report/types.ts'
import type { Toolset } from '../toolset/read.ts'
import type { Wanted } from '../toolset/section.ts'

/** True unless they are of different systems. */
export function isOf({ image }: Pick<Toolset, 'image'>, { image: { platform } }: SoftwareReport): boolean {
  return platform === null || platform === image.platform
}

const MACHINES = ['x64', 'arm64']

/** Why a report cannot list a row: it is of another system, or of another machine; undefined where it can. */
export function otherImage(
  toolset: Pick<Toolset, 'image'>,
  { arch }: Pick<Wanted, 'arch'>,
  report: SoftwareReport,
): string | undefined {
  const { image } = report
  if (!isOf(toolset, report)) return `the report is of ${image.name}, another system`
  // programs for x86 are on images for x64
  if (image.arch === null || image.arch === arch || !MACHINES.includes(arch)) return undefined
  return `the report is of an image for ${image.arch}`
}

/**
 * The report of the image that a toolset is for: of the same system, and of the same release where there are several
 * (`toolset-2404.json` goes with "Ubuntu 24.04"). Undefined where there is none of that system.
 */
export function reportFor(toolset: Toolset, reports: readonly SoftwareReport[]): SoftwareReport | undefined {
  const same = reports.filter((report) => isOf(toolset, report))
  const release = releaseOf(toolset)
  return same.find(({ image }) => release !== undefined && numbersIn(image.name).includes(release)) ?? same[0]
}

/** `2025`, `2404`, `15`. */
function releaseOf({ file, image }: Toolset): string | undefined {
  const inName = /(\d+)[^/\\\d]*$/.exec(file.replace(/\.json$/i, ''))?.[1]
  return inName ?? image.platformVersion?.replace('.', '')
}

/** "Ubuntu 24.04" has 2404, "Windows Server 2025" 2025. */
function numbersIn(title: string): string[] {
  return (title.match(/\d+(\.\d+)?/g) ?? []).map((text) => text.replace('.', ''))
}
