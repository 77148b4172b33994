import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { asTool, members, told, versionRow } from './rows.ts'
import { sha256Of } from './supplies.ts'
import { threeParts } from './versions.ts'

interface Part {
  readonly name: string
  readonly listed: string
  readonly url: (version: string) => string
}

const PARTS: Readonly<Record<'framework' | 'nunit', Part>> = {
  framework: { name: 'mono-framework', listed: 'Mono', url: monoUrl },
  nunit: {
    name: 'nunit-console',
    listed: 'NUnit',
    url: (version) =>
      `https://github.com/nunit/nunit-console/releases/download/${version}/NUnit.Console-${version}.zip`,
  },
}

/** `mono`: Mono and NUnit's console on macOS 13 and 14, with their SHA-256. */
export const mono: Section = {
  key: 'mono',
  rows: (value, image) =>
    members(value, {
      framework: (at) => partRow(at, 'framework', image),
      nunit: (at) => partRow(at, 'nunit', image),
    }),
}

function* partRow(of: Located, tool: keyof typeof PARTS, image: ToolsetImage): Iterable<Wanted> {
  const version = told(of, 'version')
  if (version === undefined) return
  const { name, listed, url } = PARTS[tool]
  const digest = of.get('sha256')
  const sha256 = sha256Of(digest?.text())
  if (digest !== undefined && sha256 === undefined) digest.fault('is no SHA-256')
  const supply = (text: string): Supply => ({
    kind: 'toolset',
    version: text,
    url: url(text),
    ...(sha256 !== undefined && { sha256 }),
  })
  yield versionRow({ section: 'mono', tool, name, listing: asTool([listed]), supply }, version, image)
}

/** Four parts in the file's name, three in its folder's. */
export function monoUrl(version: string): string {
  const folder = `https://download.mono-project.com/archive/${threeParts(version)}/macos-10-universal`
  return `${folder}/MonoFramework-MDK-${version}.macos10.xamarin.universal.pkg`
}
