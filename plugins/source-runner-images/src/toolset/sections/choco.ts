import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { asTool, members, named, placed } from './rows.ts'
import { chocolatey, type SupplyOf, vendor } from './supplies.ts'
import { threeParts } from './versions.ts'

/** A package of Chocolatey that is not called what the tool is. */
interface Package {
  /** Names in reports. */
  readonly names: readonly string[]
  /** The project's own template, where it has a convention: the file that Chocolatey would fetch. */
  readonly vendor?: string
}

/** By name in lower case. */
const PACKAGES: Readonly<Record<string, Package>> = {
  '7zip.install': { names: ['7zip', '7-Zip'], vendor: '7-Zip' },
  azcopy10: { names: ['azcopy'] },
  'cmake.install': { names: ['CMake'], vendor: 'CMake' },
  'gitversion.portable': { names: ['GitVersion'] },
  jq: { names: ['jq'], vendor: 'jq' },
  'nuget.commandline': { names: ['NuGet'] },
  'openssl.light': { names: ['OpenSSL'] },
  packer: { names: ['Packer'], vendor: 'Packer' },
  strawberryperl: { names: ['Perl'] },
  tortoisesvn: { names: ['Subversion (SVN)', 'TortoiseSvn'] },
}

/** `choco`: packages, pinned by `version` or among the arguments. */
export const choco: Section = {
  key: 'choco',
  rows: (value, image) => members(value, { common_packages: (list) => chocoRows(list, image) }),
}

function* chocoRows(packages: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of packages.list()) {
    const name = named(entry)
    if (name === undefined) continue
    const version = entry.isObject ? pinOf(entry) : undefined
    // a fourth part is the package's own, not the tool's
    const spec = version === undefined ? '*' : threeParts(version)
    const of = own(PACKAGES, name.text.toLowerCase())
    const listing = asTool(of?.names ?? [name.text], version === undefined ? 'newest' : 'fits')
    const supply: SupplyOf = of?.vendor === undefined ? chocolatey : vendor(of.vendor)
    yield {
      ...placed('choco', entry, image),
      tool: name.text,
      ...(of?.vendor !== undefined && { name: of.vendor.toLowerCase() }),
      requested: version ?? '*',
      listing: version === undefined ? listing : { ...listing, spec },
      supply: supply(spec, image),
    }
  }
}

/** `"version": "3.31.6"`, `"args": ["--version", "5.40.2.2"]` or `"args": ["--version=1.1.1.20181020"]`. */
function pinOf(entry: Located): string | undefined {
  const own = entry.get('version')?.text()
  if (own !== undefined) return own
  const args = entry.get('args')?.list() ?? []
  const words = args.map((at) => at.text() ?? '')
  const joined = words.find((word) => /^--version=./i.test(word))
  if (joined !== undefined) return joined.slice(joined.indexOf('=') + 1)
  const flag = words.findIndex((word) => /^--version$/i.test(word))
  if (flag === -1) return undefined
  return words[flag + 1] ?? args[flag]?.fault('is followed by no version')
}
