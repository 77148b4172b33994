import type { PkgcacheError } from '@pkgcache/core'
import { Located } from '../../src/located.ts'
import type { Section, ToolsetImage, Wanted } from '../../src/toolset/section.ts'

/** Images that sections are read for. */
export const IMAGES = {
  windows: { platform: 'win32', arch: 'x64' },
  ubuntu: { platform: 'linux', arch: 'x64', platformVersion: '24.04' },
  macos: { platform: 'darwin', arch: 'arm64' },
} as const satisfies Record<string, ToolsetImage>

/** What a section makes of a value: its rows, and its faults as `path: what`. */
export function readSection(
  section: Section,
  value: unknown,
  image: keyof typeof IMAGES,
): { readonly rows: readonly Wanted[]; readonly faults: readonly string[] } {
  const faults: PkgcacheError[] = []
  const place = {
    file: 't.json',
    code: 'E_TOOLSET',
    tell: (fault: PkgcacheError) => void faults.push(fault),
  } as const
  const rows = [...section.rows(new Located(value, place, `$.${section.key}`), IMAGES[image])]
  return { rows, faults: faults.map(({ message }) => message) }
}

/** A row in one line: `section tool requested platform/arch ← supply`. */
export function line({ section, tool, name, requested, platform, arch, supply }: Wanted): string {
  const called = name === undefined || name === tool ? tool : `${tool} (${name})`
  const from =
    supply.kind === 'resolver'
      ? `${supply.resolver.name} ${supply.query.tool} ${supply.query.spec} ${supply.query.platform}/${supply.query.arch}${supply.query.platformVersion === undefined ? '' : ` ${supply.query.platformVersion}`}`
      : supply.kind
  return `${section} ${called} ${requested} ${platform}/${arch} ← ${from}`
}
