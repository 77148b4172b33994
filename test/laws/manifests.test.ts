import { describe, expect, it } from 'vitest'
import { load, type Manifest, manifest, read, readJson, type SourceFile, workspaces } from './repository.ts'

interface LockedPackage {
  readonly resolved?: string
  readonly link?: boolean
}

/** What every published package says of itself in the same way. */
function manifestFaults(
  folder: string,
  pack: Manifest,
  root: Manifest,
  version: string | undefined,
): string[] {
  const checks: [boolean, string][] = [
    [pack.version === version, `version is ${pack.version}, others have ${version}`],
    [pack.license === root.license, `license is ${pack.license}`],
    [pack.type === 'module', 'type is not module'],
    [
      pack.description !== undefined && !pack.description.endsWith('.'),
      'description is missing or ends in a dot',
    ],
    [pack.files !== undefined && pack.files.length > 0, 'files is missing: everything would be published'],
    [
      folder === 'schemas' || pack.engines?.node === root.engines?.node,
      `engines.node is ${pack.engines?.node}, not ${root.engines?.node}`,
    ],
    [pack.scripts === undefined, 'it has scripts: none may run on a user’s machine'],
  ]
  const neighbours = Object.entries({ ...pack.dependencies, ...pack.peerDependencies }).filter(
    ([name, range]) => (name.startsWith('@pkgcache/') || name === 'pkgcache') && range !== version,
  )
  return [
    ...checks.filter(([holds]) => !holds).map(([, fault]) => fault),
    ...neighbours.map(([name, range]) => `needs ${name} ${range}, which is ${version}`),
    ...(folder === 'schemas' ? [] : exportFaults(pack)),
  ].map((fault) => `${folder}/package.json: ${fault}`)
}

/** Folders of doors that are not called like their folder. */
const DOORS: ReadonlyMap<string, string> = new Map([
  ['.', 'src'],
  ['./errors', 'src/errors'],
  ['./report', 'src/report'],
  ['./sources', 'src/sources'],
  ['./resolvers', 'src/resolvers'],
])

/** Sources for the tests, then types, then the build: in this order, since the first that fits counts. */
function exportFaults({ exports }: Manifest): string[] {
  if (exports?.['.'] === undefined) return ['exports has no "."']
  return Object.entries(exports).flatMap(([door, conditions]) => {
    const shape =
      typeof conditions === 'string'
        ? conditions
        : Object.entries(conditions)
            .map(([condition, path]) => `${condition} ${path.replace(/\/[^/]*$/, '')}`)
            .join(', ')
    const folder = DOORS.get(door) ?? door.slice(2)
    const due = `@pkgcache/source ./${folder}, types ./dist/${folder}, default ./dist/${folder}`
    return shape === due ? [] : [`exports["${door}"] is "${shape}", not "${due}"`]
  })
}

// In pieces, so that this file does not hold what it looks for.
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['registry', 'npmmirror', 'com'],
  ['npm', 'pkg', 'github', 'com'],
].map((parts) => parts.join('.'))

function registryFaults(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    REGISTRIES.filter((host) => text.toLowerCase().includes(host)).map((host) => `${path}: names ${host}`),
  )
}

function lockFaults(packages: Readonly<Record<string, LockedPackage>>): string[] {
  return Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined && /^(https?|git)/.test(resolved))
    .map(([name, { resolved }]) => `package-lock.json: ${name} is resolved to ${resolved}`)
}

const root = manifest('.')
const { version } = manifest('cli')

describe('package.json of the workspaces', () => {
  it.each(workspaces())('%s says the same as all others', (folder) => {
    expect(manifestFaults(folder, manifest(folder), root, version)).toEqual([])
  })

  it('the root is private, MIT and asks for a Node', () => {
    expect(root).toMatchObject({ private: true, license: 'MIT', engines: { node: '>=20.19' } })
    expect(read('LICENSE')).toMatch(/^MIT License\n/)
  })

  it('fails for one that says something else', () => {
    const odd: Manifest = {
      name: '@pkgcache/source-odd',
      version: '0.2.0',
      license: 'ISC',
      description: 'Odd.',
      engines: { node: '>=18' },
      scripts: { postinstall: 'true' },
      peerDependencies: { '@pkgcache/core': '^0.0.9' },
      exports: { '.': { default: './dist/src/index.js', types: './dist/src/index.d.ts' } },
    }
    expect(manifestFaults('plugins/source-odd', odd, root, '0.1.0')).toHaveLength(9)
  })
})

describe('no registry', () => {
  it('is named in any file', () => {
    const files = load(/.*/)
    expect(files.length).toBeGreaterThan(300)
    expect(registryFaults(files)).toEqual([])
  })

  it('is where package-lock.json says a package comes from', () => {
    const { packages } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json')
    expect(Object.keys(packages).length).toBeGreaterThan(100)
    expect(lockFaults(packages)).toEqual([])
  })

  it('fails for both', () => {
    const host = REGISTRIES[0] ?? ''
    expect(registryFaults([{ path: '.npmrc', text: `registry=https://${host.toUpperCase()}/` }])).toEqual([
      `.npmrc: names ${host}`,
    ])
    expect(
      lockFaults({
        'node_modules/x': { resolved: 'https://example.invalid/x.tgz' },
        'node_modules/y': { resolved: 'git+ssh://git@example.invalid/y.git' },
        'node_modules/z': { resolved: 'plugins/z', link: true },
      }),
    ).toHaveLength(2)
  })
})
