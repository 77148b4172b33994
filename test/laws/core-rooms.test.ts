import { describe, expect, it } from 'vitest'
import { type Import, importsOf, load, manifest, packageOf, target } from './repository.ts'

interface Room {
  readonly name: string
  /** Files below core/src. */
  readonly files: RegExp
  /** Rooms it may import from: rows above its own only. */
  readonly may: readonly string[]
}

/**
 * The layers of core, lowest first. A folder is a room; where one holds a low part and a high part, they are two rooms
 * (`run/context.ts` is what every stage stands on, `run/run.ts` stands on all stages).
 */
const ROOMS: readonly Room[] = [
  { name: 'text', files: /^(text|format)\.ts$/, may: [] },
  { name: 'errors', files: /^errors\//, may: ['text'] },
  { name: 'yaml', files: /^yaml-text\.ts$/, may: ['errors'] },
  { name: 'model', files: /^model\//, may: ['errors'] },
  {
    name: 'contract',
    files: /^(plugins\/(types|fetch-types|definitions)|config\/types|config\/define|cache\.types)\.ts$/,
    may: ['errors', 'model'],
  },
  { name: 'stages', files: /^stages\.ts$/, may: ['model', 'contract'] },
  { name: 'schemas', files: /^(schemas|config\/schema-faults)\.ts$/, may: ['text'] },
  { name: 'scheduling', files: /^run\/(scheduler|clock|redact|secrets)\.ts$/, may: ['errors'] },
  { name: 'plugins', files: /^plugins\//, may: ['text', 'errors', 'model', 'contract', 'stages', 'schemas'] },
  { name: 'net', files: /^net\//, may: ['text', 'errors', 'model', 'contract', 'scheduling', 'plugins'] },
  { name: 'trust', files: /^trust\//, may: ['text', 'errors', 'model', 'contract', 'net'] },
  { name: 'store', files: /^store\//, may: ['text', 'errors', 'yaml', 'model', 'contract', 'schemas'] },
  {
    name: 'archive',
    files: /^normalise\/(?!(normalise|unpack)\.ts)/,
    may: ['text', 'errors', 'model', 'contract'],
  },
  {
    name: 'unpack',
    files: /^normalise\/unpack\.ts$/,
    may: ['errors', 'model', 'contract', 'store', 'archive'],
  },
  {
    name: 'lockfile',
    files: /^lockfile\/(?!update\.ts)/,
    may: ['text', 'errors', 'model', 'schemas', 'net', 'store'],
  },
  {
    name: 'config',
    files: /^config\//,
    may: ['text', 'errors', 'model', 'contract', 'stages', 'schemas', 'plugins', 'net', 'archive'],
  },
  {
    name: 'fetch',
    files: /^fetch\//,
    may: ['text', 'errors', 'model', 'contract', 'net', 'store', 'lockfile'],
  },
  { name: 'adopt', files: /^adopt\//, may: ['text', 'errors', 'model', 'contract', 'store', 'archive'] },
  {
    name: 'context',
    files: /^run\/context\.ts$/,
    may: [
      'errors',
      'model',
      'contract',
      'scheduling',
      'plugins',
      'net',
      'store',
      'archive',
      'unpack',
      'config',
      'fetch',
      'lockfile',
    ],
  },
  {
    name: 'resolve',
    files: /^resolve\//,
    may: ['text', 'errors', 'model', 'contract', 'trust', 'lockfile', 'context'],
  },
  {
    name: 'normalise',
    files: /^normalise\/normalise\.ts$/,
    may: ['text', 'errors', 'model', 'contract', 'store', 'archive', 'context'],
  },
  { name: 'verify', files: /^verify\//, may: ['errors', 'model', 'context'] },
  {
    name: 'distribute',
    files: /^distribute\//,
    may: ['text', 'errors', 'model', 'contract', 'schemas', 'scheduling', 'store', 'config', 'context'],
  },
  {
    name: 'report',
    files: /^report\//,
    may: ['errors', 'model', 'contract', 'schemas', 'store', 'context', 'resolve'],
  },
  {
    name: 'run',
    files: /^run\/(run|go|item|plan|nodes)\.ts$/,
    may: [
      ...['errors', 'model', 'contract', 'net', 'store', 'context'],
      ...['resolve', 'fetch', 'normalise', 'verify', 'distribute', 'report'],
    ],
  },
  {
    name: 'locking',
    files: /^lockfile\/update\.ts$/,
    may: [
      ...['text', 'errors', 'model', 'contract', 'schemas', 'lockfile', 'context'],
      ...['resolve', 'run'],
    ],
  },
  {
    name: 'cache',
    files: /^cache\.ts$/,
    may: [
      ...['errors', 'model', 'contract', 'schemas', 'scheduling', 'plugins', 'net', 'store', 'archive'],
      ...['config', 'fetch', 'lockfile', 'adopt', 'context', 'distribute', 'report', 'run', 'locking'],
    ],
  },
]

const INDEX = 'index.ts'
const ALLOWED_PACKAGES = ['tapable', 'cosmiconfig', 'ajv', 'yaml', 'tar', 'zstd-napi', '@pkgcache/schemas']

function roomOf(path: string): string | undefined {
  const below = path.replace(/^core\/src\//, '')
  return ROOMS.find((room) => room.files.test(below))?.name
}

function roomFaults(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, specifier }) => specifier.startsWith('.') && from !== `core/src/${INDEX}`)
    .flatMap((entry) => {
      const [from, to] = [roomOf(entry.from), roomOf(target(entry))]
      if (to === undefined) return [`${entry.at}: ${entry.specifier} is in no room`]
      const allowed = from === to || ROOMS.find(({ name }) => name === from)?.may.includes(to)
      return allowed ? [] : [`${entry.at}: ${from} may not import from ${to} (${entry.specifier})`]
    })
}

/** Import cycles between modules, each as `a → b → a`. */
function cycles(imports: readonly Import[]): string[] {
  const graph = new Map<string, string[]>()
  for (const entry of imports.filter(({ specifier }) => specifier.startsWith('.')))
    graph.set(entry.from, [...(graph.get(entry.from) ?? []), target(entry)])
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) return void found.add([...trail.slice(trail.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return [...found]
}

function packageFaults(imports: readonly Import[]): string[] {
  return imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .filter(({ specifier }) => !ALLOWED_PACKAGES.includes(packageOf(specifier)))
    .map(({ at, specifier }) => `${at}: core may not import ${specifier}`)
}

const files = load(/^core\/src\/.*\.(ts|js)$/)
const imports = files.flatMap(importsOf)

describe('core is built in layers', () => {
  it('reads all of core', () => {
    expect(files.length).toBeGreaterThan(70)
    expect(imports.length).toBeGreaterThan(250)
  })

  it('has a room for every module', () => {
    const homeless = files.map(({ path }) => path).filter((path) => roomOf(path) === undefined)
    expect(homeless).toEqual([`core/src/${INDEX}`])
  })

  it('lists rooms lowest first, so that the table itself allows no cycle', () => {
    const names = ROOMS.map(({ name }) => name)
    const upwards = ROOMS.flatMap(({ name, may }, row) =>
      may.filter((other) => !names.slice(0, row).includes(other)).map((other) => `${name} → ${other}`),
    )
    expect(upwards).toEqual([])
  })

  it('imports only along the table', () => {
    expect(roomFaults(imports)).toEqual([])
  })

  it('has no cycle between modules, type imports included', () => {
    expect(cycles(imports)).toEqual([])
  })

  it('fails for an import upwards, a file without a room and a cycle', () => {
    const bad = [
      ...importsOf({ path: 'core/src/model/names.ts', text: "import { Store } from '../store/store.ts'" }),
      ...importsOf({ path: 'core/src/store/store.ts', text: "export * from '../model/names.ts'" }),
      ...importsOf({ path: 'core/src/net/client.ts', text: "import type { X } from '../attic/x.ts'" }),
    ]
    expect(roomFaults(bad)).toEqual([
      'core/src/model/names.ts:1: model may not import from store (../store/store.ts)',
      'core/src/net/client.ts:1: ../attic/x.ts is in no room',
    ])
    expect(cycles(bad)).toEqual([
      'core/src/model/names.ts → core/src/store/store.ts → core/src/model/names.ts',
    ])
  })
})

describe('core depends on little and knows no plugin', () => {
  it(`imports ${ALLOWED_PACKAGES.join(', ')} at most`, () => {
    expect(packageFaults(imports)).toEqual([])
  })

  it('declares no other dependency', () => {
    const { dependencies, optionalDependencies, peerDependencies } = manifest('core')
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    expect(declared.length).toBeGreaterThan(0)
    expect(declared.filter((name) => !ALLOWED_PACKAGES.includes(name))).toEqual([])
  })

  it('names no plugin in a string', () => {
    const named = files.flatMap(({ path, text }) => pluginNames(text).map((name) => `${path}: '${name}'`))
    expect(named).toEqual([])
  })

  it('fails for a plugin and for a package that is not on the list', () => {
    const text = "import ssh from '@pkgcache/transport-ssh'\nimport { request } from 'undici'"
    expect(packageFaults(importsOf({ path: 'core/src/cache.ts', text }))).toEqual([
      'core/src/cache.ts:1: core may not import @pkgcache/transport-ssh',
      'core/src/cache.ts:2: core may not import undici',
    ])
    expect(pluginNames("if (plugin.name === 'source-url') return")).toEqual(['source-url'])
  })
})

/** Names of first-party plugins in string literals. */
function pluginNames(text: string): string[] {
  return [...text.matchAll(/'((?:source|format|fetch|verify|transport|report)-[a-z-]+)'/g)].map(
    ([, name = '']) => name,
  )
}
