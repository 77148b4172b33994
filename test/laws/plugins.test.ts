import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultPlugins } from '../../cli/src/default-plugins.ts'
import {
  importsOf,
  load,
  type Manifest,
  manifest,
  packageOf,
  pluginFolders,
  ROOT,
  read,
  readJson,
  repositoryFiles,
  type SourceFile,
} from './repository.ts'

const KINDS = /^(source|inventory|format|fetch|verify|transport|report)-[a-z0-9]+(-[a-z0-9]+)*$/

/** Everything that must agree about one plugin. */
interface PluginFacts {
  readonly folder: string
  readonly manifest: Manifest
  /** Text of src/index.ts. */
  readonly entry: string
  /** Text of README.md, empty when there is none. */
  readonly readme: string
  readonly tests: number
  readonly inTsconfig: boolean
  readonly cliDependency: string | undefined
  readonly inDefaultSet: boolean
  readonly configCanImportIt: boolean
}

function pluginFaults(facts: PluginFacts): string[] {
  const { folder, manifest: pack } = facts
  const defined = /define[A-Z]\w*(?:<[^>]*>)?\(\{\s*name: '([^']+)'/.exec(facts.entry)?.[1]
  const checks: [boolean, string][] = [
    [KINDS.test(folder), 'the folder is not called <kind>-<name>'],
    [pack.name === `@pkgcache/${folder}`, `package.json calls it ${pack.name}`],
    [defined === folder, `src/index.ts defines a plugin called ${defined}`],
    [facts.entry.includes('export default'), 'src/index.ts has no default export'],
    [
      facts.readme.startsWith(`# @pkgcache/${folder}\n`),
      `README.md does not begin with "# @pkgcache/${folder}"`,
    ],
    [facts.tests > 0, 'there is no test/*.test.ts'],
    [facts.inTsconfig, 'the root tsconfig.json has no reference to it'],
    [facts.cliDependency === pack.version, `cli depends on ${facts.cliDependency}, it is ${pack.version}`],
    [facts.inDefaultSet, 'it is not in the default set (cli/src/default-plugins.ts)'],
    [facts.configCanImportIt, 'a config cannot import it (HOST_MODULES in cli/src/config-loader.ts)'],
    [pack.peerDependencies?.['@pkgcache/core'] !== undefined, 'core is no peer dependency of it'],
    [pack.keywords?.includes('pkgcache-plugin') === true, 'its keywords lack pkgcache-plugin'],
  ]
  return checks.filter(([holds]) => !holds).map(([, fault]) => `plugins/${folder}: ${fault}`)
}

function factsOf(folder: string): PluginFacts {
  const path = (name: string) => `plugins/${folder}/${name}`
  const { references } = readJson<{ references: { path: string }[] }>('tsconfig.json')
  return {
    folder,
    manifest: manifest(`plugins/${folder}`),
    entry: read(path('src/index.ts')),
    readme: existsSync(join(ROOT, path('README.md'))) ? read(path('README.md')) : '',
    tests: repositoryFiles(path('test')).filter((file) => file.endsWith('.test.ts')).length,
    inTsconfig: references.some((reference) => reference.path === `plugins/${folder}`),
    cliDependency: manifest('cli').dependencies?.[`@pkgcache/${folder}`],
    inDefaultSet: defaultPlugins().some((plugin) => plugin.name === folder),
    configCanImportIt: read('cli/src/config-loader.ts').includes(`'@pkgcache/${folder}'`),
  }
}

/** What a plugin imports besides its public host, Node and what it declares. */
function importFaults(files: readonly SourceFile[], pack: Manifest): string[] {
  const declared = Object.keys({ ...pack.dependencies, ...pack.optionalDependencies })
  return files.flatMap(importsOf).flatMap(({ from, specifier, at }) => {
    const folder = from.split('/').slice(0, 2).join('/')
    if (specifier.startsWith('.')) {
      const leaves = join(from, '..', specifier).startsWith(`${folder}/src/`) ? [] : ['leaves its own src']
      return leaves.map((why) => `${at}: ${specifier} ${why}`)
    }
    if (/^@pkgcache\/core(\/errors)?$/.test(specifier) || specifier.startsWith('node:')) return []
    if (specifier.startsWith('@pkgcache/')) return [`${at}: ${specifier} is a neighbour or a closed door`]
    return declared.includes(packageOf(specifier)) ? [] : [`${at}: ${specifier} is no dependency of it`]
  })
}

function dependencyFaults({ name, dependencies, optionalDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .filter((dependency) => dependency.startsWith('@pkgcache/') || dependency === 'pkgcache')
    .map((dependency) => `${name}: depends on ${dependency}`)
}

describe('one plugin is one folder, one package, one name', () => {
  it('finds the plugins', () => {
    expect(pluginFolders().length).toBeGreaterThanOrEqual(17)
  })

  it.each(pluginFolders())('plugins/%s agrees with everything that speaks of it', (folder) => {
    expect(pluginFaults(factsOf(folder))).toEqual([])
  })

  it('has no default plugin without a folder', () => {
    const folders = pluginFolders()
    expect(
      defaultPlugins()
        .map(({ name }) => name)
        .filter((name) => !folders.includes(name)),
    ).toEqual([])
  })

  it('fails for a plugin that agrees with nothing', () => {
    const nothing: PluginFacts = {
      folder: 'Acme',
      manifest: { name: '@pkgcache/source-acme', version: '0.1.0' },
      entry: "export const x = defineSource({ name: 'source-acme', resolve() {} })",
      readme: '',
      tests: 0,
      inTsconfig: false,
      cliDependency: undefined,
      inDefaultSet: false,
      configCanImportIt: false,
    }
    expect(pluginFaults(nothing)).toHaveLength(12)
  })
})

describe('a plugin imports what any third party can import', () => {
  it.each(pluginFolders())('plugins/%s: @pkgcache/core, node:* and its own dependencies', (folder) => {
    const files = load(new RegExp(`^plugins/${folder}/src/.*\\.ts$`))
    expect(files.length).toBeGreaterThan(0)
    const pack = manifest(`plugins/${folder}`)
    expect([...importFaults(files, pack), ...dependencyFaults(pack)]).toEqual([])
  })

  it('fails for a deep import, a neighbour, an undeclared package and a way out of src', () => {
    const text = `
      import { x } from '@pkgcache/core/src/text.ts'
      export { y } from '@pkgcache/source-url'
      const z = await import('undici/types')
      import type { A } from '../../../core/src/text.ts'
      type B = import('left-pad').B
      import { ok } from './ok.ts'
      import fs from 'node:fs'
      import yauzl from 'yauzl'`
    const pack = { name: '@pkgcache/source-x', dependencies: { yauzl: '3', '@pkgcache/source-url': '1' } }
    expect(importFaults([{ path: 'plugins/source-x/src/index.ts', text }], pack)).toEqual([
      'plugins/source-x/src/index.ts:2: @pkgcache/core/src/text.ts is a neighbour or a closed door',
      'plugins/source-x/src/index.ts:3: @pkgcache/source-url is a neighbour or a closed door',
      'plugins/source-x/src/index.ts:4: undici/types is no dependency of it',
      'plugins/source-x/src/index.ts:5: ../../../core/src/text.ts leaves its own src',
      'plugins/source-x/src/index.ts:6: left-pad is no dependency of it',
    ])
    expect(dependencyFaults(pack)).toEqual(['@pkgcache/source-x: depends on @pkgcache/source-url'])
  })
})
