import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { members, named, placed } from './rows.ts'

const SUPPLY: Supply = {
  kind: 'nothing',
  reason: 'Apple gives it only to those who log in to developer.apple.com',
}

/** `xcode`: several beside each other; a list, or one by arch. Older toolsets: texts. */
export const xcode: Section = {
  key: 'xcode',
  rows: (value, image) =>
    members(value, {
      default: () => [],
      versions: (list) => xcodeRows(list, image.arch, image),
      x64: (of) => archRows(of, 'x64', image),
      arm64: (of) => archRows(of, 'arm64', image),
    }),
}

function* archRows(of: Located, arch: string, image: ToolsetImage): Iterable<Wanted> {
  const versions = of.get('versions')
  if (versions === undefined) return void of.fault('has no versions')
  yield* xcodeRows(versions, arch, image)
}

function* xcodeRows(versions: Located, arch: string, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of versions.list()) {
    const version = named(entry, 'version')
    if (version === undefined) continue
    yield {
      ...placed('xcode', version.at, image),
      arch,
      tool: 'Xcode',
      requested: version.text,
      listing: {
        classes: ['table-tool'],
        names: ['Xcode'],
        rule: 'exact',
        spec: appleVersion(version.text),
        version: appleVersion,
      },
      supply: SUPPLY,
    }
  }
}

/** `16.0.0+16A242d`, `16.0`, `16` and `26.0.0-Beta+17A5241e` as one: two parts, and a third that is not 0. */
function appleVersion(text: string): string {
  const [, major, minor = '0', patch = '0'] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? []
  if (major === undefined) return text
  return patch === '0' ? `${major}.${minor}` : `${major}.${minor}.${patch}`
}
