import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache.ts'
import type { Cache } from '../../src/cache.types.ts'
import { definePlugin, defineReporter } from '../../src/plugins/define.ts'
import type { Plugin, RenderedReport } from '../../src/plugins/types.ts'
import { summarise } from '../../src/report/summary.ts'
import { faultOf } from '../support/fault.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const caches: Cache[] = []
afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.close())))

let renders = 0
const reporter = (name: string, render: () => Partial<RenderedReport>): Plugin =>
  defineReporter({
    name,
    render: () => {
      renders++
      return { format: name, fileName: `${name}.txt`, content: name, ...render() }
    },
  })()

async function open(
  store: string,
  plugins: readonly Plugin[],
  packages: readonly string[] = [],
): Promise<Cache> {
  const cache = await createCache({ store, arch: 'amd64', packages, plugins })
  caches.push(cache)
  return cache
}

const failing = (name: string, message: string) =>
  reporter(name, () => {
    throw new Error(message)
  })

/** Stands for a toolset of so many rows, each with a package that nobody knows, or with none. */
const asking = (rows: number, packaged = true) =>
  definePlugin({
    name: 'asking',
    setup: (api) =>
      api.hooks.declare.tapPromise('asking', async (declaration) => {
        for (let row = 0; row < rows; row++) {
          const key = { name: `row-${row}`, version: '1', platform: 'linux', arch: 'amd64' }
          const asked = { from: 't.json', section: 'java', tool: key.name, requested: '1', platform: 'linux' }
          if (packaged) declaration.add({ ...key, section: 'java' })
          declaration.require({ ...asked, arch: 'amd64', status: 'matched', downloadable: true, key })
        }
      }),
  })()

describe('reports', () => {
  it('are written side by side, those of other plugins too where one fails', async () => {
    const store = folder()
    const cache = await open(store, [
      reporter('one', () => ({})),
      failing('bad', 'no ink'),
      reporter('two', () => ({})),
    ])
    const { reports, errors, exitCode } = await cache.run()
    expect(reports).toEqual([
      { plugin: 'one', format: 'one', file: join(store, 'reports/one.txt') },
      { plugin: 'two', format: 'two', file: join(store, 'reports/two.txt') },
    ])
    expect(errors.map(({ code, plugin, stage, message }) => `${code} ${plugin} ${stage} ${message}`)).toEqual(
      ['E_PLUGIN bad report no ink'],
    )
    expect(exitCode).toBe(1)
    expect(readdirSync(join(store, 'reports')).sort()).toEqual(['one.txt', 'two.txt'])
    expect((statSync(join(store, 'reports/one.txt')).mode & 0o777).toString(8)).toBe('644')
  })

  it.each(['../out.txt', '/etc/x', 'a/b.txt', ''])('are not written to %j', async (fileName) => {
    const store = folder()
    const { errors, reports } = await (await open(store, [reporter('one', () => ({ fileName }))])).run()
    expect(reports).toEqual([])
    expect(errors.map(({ code, plugin }) => [code, plugin])).toEqual([['E_NAME', 'one']])
  })

  it('that cannot be written are told', async () => {
    const store = folder()
    mkdirSync(join(store, 'reports/one.txt/in-the-way'), { recursive: true })
    const { errors, exitCode } = await (await open(store, [reporter('one', () => ({}))])).run()
    expect([errors.map(({ code, plugin, stage }) => [code, plugin, stage]), exitCode]).toEqual([
      [['E_REPORT', 'one', 'report']],
      1,
    ])
  })

  it('stay as they are where a run changes nothing, and come back when one is gone', async () => {
    const store = folder()
    const plugins = [reporter('one', () => ({}))]
    const first = await (await open(store, plugins)).run()
    renders = 0
    const second = await (await open(store, plugins)).run()
    expect([second.reports, renders]).toEqual([first.reports, 0])
    rmSync(join(store, 'reports/one.txt'))
    await (await open(store, plugins)).run()
    expect([readFileSync(join(store, 'reports/one.txt'), 'utf8'), renders]).toEqual(['one', 1])
  })

  it('hide secrets', async () => {
    const store = folder()
    const secret = definePlugin<{ readonly token: string }>({
      name: 's',
      schema: { type: 'object' },
      setup: () => undefined,
    })
    const plugins = [
      secret({ token: 'top-secret-1' }),
      reporter('one', () => ({ content: 'it is top-secret-1' })),
    ]
    await (await open(store, plugins)).run()
    expect(readFileSync(join(store, 'reports/one.txt'), 'utf8')).toBe('it is ***')
  })

  it('can be rendered again, from what is known', async () => {
    const store = folder()
    const state = defineReporter({
      name: 'state',
      render: ({ result }) => ({
        format: 'state',
        fileName: 'state.txt',
        content: result.items.map((item) => (item.state === 'failed' ? item.error.code : item.state)).join(),
      }),
    })
    const cache = await open(store, [state()], ['tool@1.0'])
    expect((await cache.report('state')).content).toBe('E_NOT_CACHED')
    await cache.run()
    expect((await cache.report('state')).content).toBe('E_UNKNOWN_PACKAGE')
    const fault = await faultOf(() => cache.report('pdf'))
    expect(fault).toMatchObject({
      code: 'E_USAGE',
      message: 'no report plugin renders "pdf"',
      hint: 'formats there are: state',
    })
  })

  it('are written anew when only what toolsets ask for has changed', async () => {
    const store = folder()
    const plugins = (rows: number) => [asking(rows, false), reporter('one', () => ({ content: `${rows}` }))]
    await (await open(store, plugins(1))).run()
    const { unchanged } = await (await open(store, plugins(2))).run()
    expect([unchanged, readFileSync(join(store, 'reports/one.txt'), 'utf8')]).toEqual([true, '2'])
  })

  it('rendered again know of the packages that toolsets asked for', async () => {
    const store = folder()
    const cover = defineReporter({
      name: 'cover',
      render: (request) => {
        const { toolset, packages } = summarise(request)
        const rows = toolset?.rows.map(({ tool, state, code }) => `${tool} ${state} ${code}`)
        const told = [rows, packages.map(({ name, section }) => `${name} ${section}`)]
        return { format: 'cover', fileName: 'cover.txt', content: JSON.stringify(told) }
      },
    })
    const cache = await open(store, [asking(2), cover()], ['tool@1.0'])
    await cache.run()
    const told = readFileSync(join(store, 'reports/cover.txt'), 'utf8')
    expect(JSON.parse(told)).toEqual([
      ['row-0 missing E_UNKNOWN_PACKAGE', 'row-1 missing E_UNKNOWN_PACKAGE'],
      ['row-0 java', 'row-1 java', 'tool undefined'],
    ])
    expect((await cache.report('cover')).content).toBe(told)
  })

  it('can be rendered again though the last run cannot be read', async () => {
    const store = folder()
    const cache = await open(store, [reporter('one', () => ({}))])
    await cache.run()
    const key = { name: 'x', version: '1', platform: 'linux', arch: 'amd64' }
    const failed = { key, state: 'failed', error: { code: 'E_HTTP' } }
    const place = { from: 'f', section: 's', tool: 't', requested: '1', platform: 'p', arch: 'a' }
    const row = { ...place, status: 'matched', downloadable: true }
    const whole = { items: [], deliveries: [], nodes: [], removals: [], errors: [] }
    const lies = [
      { ...whole, nodes: 1 },
      { ...whole, nodes: [{ name: 'n' }] },
      { ...whole, nodes: [{ name: 'n', root: '/r', groups: 1 }] },
      { ...whole, nodes: [{ name: 'n', root: '/r', arch: {} }] },
      { ...whole, removals: null },
      { ...whole, removals: [{ node: 'n', remotePath: 'a', bytes: '1' }] },
      { ...whole, deliveries: [{ key, state: 'skipped' }] },
      { ...whole, deliveries: [{ node: 'n', key, state: 'fallback' }] },
      { ...whole, deliveries: [{ node: 'n', key, state: 'present', error: null }] },
      null,
      { items: [], deliveries: [] },
      { ...whole, items: 1 },
      { ...whole, items: [null] },
      { ...whole, items: [{ state: 'cached' }] },
      { ...whole, items: [failed] },
      { ...whole, deliveries: [{ node: 'n', ...failed }] },
      { ...whole, errors: [null] },
      { ...whole, requirements: {} },
      { ...whole, requirements: [row, null] },
      { ...whole, requirements: [{ ...row, tool: 1 }] },
      { ...whole, requirements: [{ ...row, downloadable: 'yes' }] },
      { ...whole, requirements: [{ ...row, inReport: null }] },
      { ...whole, requirements: [{ ...row, reason: {} }] },
      { ...whole, requirements: [{ ...row, key: { name: 'x' } }] },
    ]
    for (const text of ['{', ...lies.map((lie) => JSON.stringify(lie))]) {
      writeFileSync(join(store, '.pkgcache/last-result.json'), text)
      expect((await cache.report('one')).content).toBe('one')
    }
  })
})

it('tells fallbacks, removals and whom a package is for again, from the last run', async () => {
  const store = folder()
  const told = defineReporter({
    name: 'told',
    render: (request) => {
      const { nodes, fallbacks } = summarise(request)
      const rows = nodes.map(({ packages, removals }) => [
        packages.map(({ state }) => state),
        removals.length,
      ])
      const content = JSON.stringify([rows, fallbacks.map(({ code }) => code)])
      return { format: 'told', fileName: 'told.txt', content }
    },
  })
  const packages = [{ name: 'tool', version: '1.0', to: 'a' }]
  const cache = await createCache({ store, arch: 'amd64', packages, plugins: [told()] })
  caches.push(cache)
  await cache.run()
  const key = { name: 'tool', version: '1.0', platform: 'linux', arch: 'amd64' }
  const last = {
    items: [],
    nodes: ['a', 'b'].map((name) => ({ name, root: '/r', sudo: false })),
    deliveries: [{ node: 'a', key, state: 'fallback', error: { code: 'E_NODE_NOSPC', message: 'full' } }],
    removals: [{ node: 'b', remotePath: 'tool/old', bytes: 1 }],
    errors: [],
  }
  writeFileSync(join(store, '.pkgcache/last-result.json'), JSON.stringify(last))
  expect(JSON.parse((await cache.report('told')).content)).toEqual([
    [
      [['fallback'], 0],
      [['other-nodes'], 1],
    ],
    ['E_NODE_NOSPC'],
  ])
})

describe('done', () => {
  it('that fails is told, and makes the run fail', async () => {
    const bad = definePlugin({
      name: 'bad',
      setup: (api) =>
        api.hooks.done.tap('bad', () => {
          throw new Error('no bell')
        }),
    })
    const { errors, exitCode } = await (await open(folder(), [bad()])).run()
    expect([errors.map(({ plugin, stage, message }) => [plugin, stage, message]), exitCode]).toEqual([
      [['bad', 'done', 'no bell']],
      1,
    ])
  })
})

describe('declare', () => {
  const declaring = (names: readonly string[]) =>
    definePlugin({
      name: 'toolset',
      setup: (api) =>
        api.hooks.declare.tap('toolset', ({ add }) => {
          for (const name of names) add({ name, version: '1.0', platform: 'linux', arch: 'amd64' })
        }),
    })()

  it('adds packages to the run, each once', async () => {
    const { items } = await (
      await open(folder(), [declaring(['tool', 'extra', 'extra'])], ['tool@1.0'])
    ).run()
    expect(items.map(({ key }) => key.name)).toEqual(['tool', 'extra'])
  })

  it('takes no name that cannot be used', async () => {
    const { items } = await (await open(folder(), [declaring(['../x'])])).run()
    expect(items.map((item) => item.state === 'failed' && item.error.code)).toEqual(['E_NAME'])
  })
})
