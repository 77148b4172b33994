import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import type { PackageRequest } from '../../src/model/request.ts'
import type { Requirement } from '../../src/model/requirement.ts'
import { definePlugin, defineReporter } from '../../src/plugins/define.ts'
import type { Declaration, Plugin, PluginContext } from '../../src/plugins/types.ts'
import type { HttpServer } from '../../testing/http-server.ts'
import { faultLine, faultOf } from '../support/fault.ts'
import { FakeNodes } from '../support/nodes.ts'
import { open, source, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

type Declares = (declaration: Declaration, ctx: PluginContext) => void

/** A plugin that reads a toolset, so to speak. */
function toolset(declare: Declares, name = 'toolset-test'): Plugin {
  return definePlugin({
    name,
    setup: ({ hooks }) => hooks.declare.tapPromise(name, async (...args) => declare(...args)),
  })()
}

function request(name: string, more: Partial<PackageRequest> = {}): PackageRequest {
  return { name, version: '1.0', platform: 'linux', arch: 'amd64', ...more }
}

function row(tool: string, section: string, more: Partial<Requirement> = {}): Requirement {
  const { name, version, platform, arch } = request(tool)
  const place = { from: 'toolset.json', section, tool, requested: '1.*', platform, arch }
  return { ...place, status: 'matched', downloadable: true, key: { name, version, platform, arch }, ...more }
}

const broken = (message = 'is no toolset') =>
  new PkgcacheError('E_TOOLSET', message, { item: 'toolset.json' })

/** Two sections of one tool each; none of it is in the config. */
const twoSections: Declares = ({ add, require }) => {
  for (const [name, section] of [
    ['python', 'toolcache'],
    ['jdk', 'java'],
  ] as const) {
    add(request(name, { section }))
    require(row(name, section))
  }
}

interface Project {
  readonly server: HttpServer
  readonly store: string
  readonly dir: string
  with(declare: Declares, config?: Config, plugins?: readonly Plugin[]): ReturnType<typeof open>
}

async function project(): Promise<Project> {
  const [dir, server] = [folder(), await upstream()]
  const store = join(dir, 'store')
  return {
    server,
    store,
    dir,
    with: (declare, config = {}, plugins = []) =>
      open(store, [toolset(declare), source(server), ...plugins], config, { dir }),
  }
}

const errorsOf = (errors: readonly PkgcacheError[]) =>
  errors.map(({ code, message, plugin, stage, item }) => `${code} ${plugin} ${stage} ${item}: ${message}`)
const BROKEN = 'E_TOOLSET toolset-test declare toolset.json: is no toolset'

describe('what plugins declare', () => {
  it('is brought with what the config asks for, and its rows stand in the result', async () => {
    const { with: cacheWith, dir } = await project()
    const seen: unknown[] = []
    const cache = await cacheWith((declaration) => {
      seen.push([declaration.frozen, declaration.dir, declaration.requests.map(({ name }) => name)])
      twoSections(declaration, undefined as never)
    })
    const result = await cache.run()
    expect(told(result.items)).toEqual([
      'tool@1.0 published tofu',
      'python@1.0 published tofu',
      'jdk@1.0 published tofu',
    ])
    expect(result.items.map(({ section }) => section)).toEqual([undefined, 'toolcache', 'java'])
    expect(result.requirements).toEqual([row('python', 'toolcache'), row('jdk', 'java')])
    expect([result.exitCode, seen]).toEqual([0, [[false, dir, ['tool']]]])
  })

  it('is told which sections count, unless everything does for what is on the nodes', async () => {
    const { with: cacheWith } = await project()
    const seen: unknown[] = []
    const cache = await cacheWith((declaration) => {
      seen.push(declaration.only)
      twoSections(declaration, undefined as never)
    })
    await cache.run({ only: ['java'] })
    await cache.plan({ only: ['java'] })
    await cache.run({ only: ['java'], prune: true })
    await cache.run()
    expect(seen).toEqual([['java'], ['java'], undefined, undefined])
  })

  it('may have faults: the rest goes on, and they are told by run, plan, lock and nodes', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ add, fail }) => {
      add(request('python'))
      fail(broken())
    })
    const [run, plan, lock, nodes] = [
      await cache.run(),
      await cache.plan(),
      await cache.lock(),
      await cache.nodes(),
    ]
    for (const { errors, exitCode } of [run, plan, lock, nodes])
      expect([errorsOf(errors), exitCode]).toEqual([[BROKEN], 1])
    expect(told(run.items)).toEqual(['tool@1.0 published tofu', 'python@1.0 published tofu'])
    expect(plan.items.map(({ action }) => action)).toEqual(['cached', 'cached'])
    expect(lock.changes.map(({ key, change }) => `${key.name} ${change}`)).toEqual([
      'python added',
      'tool added',
    ])
  })

  it('ends with the code of its fault', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ fail }) => fail(new PkgcacheError('E_DIGEST', 'other bytes')))
    expect((await cache.run()).exitCode).toBe(3)
  })

  it('names no secret in its faults', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ fail }, { secret }) => {
      secret('s3cr3t-token')
      fail(broken('https://x/?a=s3cr3t-token is no toolset'))
    })
    expect((await cache.run()).errors.map(({ message }) => message)).toEqual([
      'https://x/?a=*** is no toolset',
    ])
  })

  it('fails the run where a plugin throws', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(() => {
      throw new Error('lost')
    })
    const { code, plugin, stage, message } = await faultOf(() => cache.run())
    expect([code, plugin, stage, message]).toEqual(['E_PLUGIN', 'toolset-test', 'declare', 'lost'])
  })

  it('is frozen where the run is', async () => {
    const { with: cacheWith } = await project()
    const seen: boolean[] = []
    const cache = await cacheWith(({ frozen }) => void seen.push(frozen))
    await cache.lock()
    await cache.run({ frozen: true })
    await cache.plan({ frozen: true })
    expect(seen).toEqual([false, true, true])
  })

  it('in two sections is one package', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ add }) => {
      add(request('python', { section: 'toolcache' }))
      add(request('python', { section: 'node' }))
    })
    const { items } = await cache.run()
    expect(items.map(({ key, section }) => [key.name, section])).toEqual([
      ['tool', undefined],
      ['python', 'toolcache'],
    ])
  })
})

describe('a toolset with faults takes nothing away', () => {
  it('from the lock file', async () => {
    const { with: cacheWith, dir } = await project()
    await (await cacheWith(twoSections)).lock()
    const before = readFileSync(join(dir, 'pkgcache.lock'), 'utf8')
    const { changes, written } = await (await cacheWith(({ fail }) => fail(broken()))).lock()
    expect(changes.map(({ key, change }) => `${key.name} ${change}`)).toEqual([
      'jdk kept',
      'python kept',
      'tool kept',
    ])
    expect([written, readFileSync(join(dir, 'pkgcache.lock'), 'utf8')]).toEqual([false, before])
    const whole = await (await cacheWith(() => undefined)).lock()
    expect(whole.changes.map(({ key, change }) => `${key.name} ${change}`)).toEqual([
      'jdk removed',
      'python removed',
      'tool kept',
    ])
  })

  it('from the nodes', async () => {
    const { with: cacheWith } = await project()
    const fake = new FakeNodes()
    const config = { nodes: [{ host: 'w1' }] }
    await (await cacheWith(twoSections, config, [fake.plugin()])).run()
    const faulty = await cacheWith(({ fail }) => fail(broken()), config, [fake.plugin()])
    expect((await faulty.run({ prune: true })).removals).toEqual([])
    const sound = await cacheWith(() => undefined, config, [fake.plugin()])
    expect((await sound.run({ prune: true })).removals.map(({ remotePath }) => remotePath).sort()).toEqual([
      'jdk/jdk-1.0-amd64.tar.zst',
      'python/python-1.0-amd64.tar.zst',
    ])
  })
})

describe('only some sections', () => {
  it.each([
    [['toolcache'], ['python'], ['toolcache']],
    [
      ['java', 'toolcache'],
      ['python', 'jdk'],
      ['toolcache', 'java'],
    ],
    [['own'], ['tool'], []],
  ])('%j', async (only, names, rows) => {
    const { with: cacheWith, server } = await project()
    const config = { packages: [{ name: 'tool', version: '1.0', section: 'own' }, 'toolbox@1.0'] }
    const cache = await cacheWith(twoSections, config)
    const plan = await cache.plan({ only })
    expect(plan.items.map(({ key }) => key.name)).toEqual(names)
    const { items, requirements } = await cache.run({ only, stages: 'fetch' })
    expect([items.map(({ key }) => key.name), requirements.map(({ section }) => section)]).toEqual([
      names,
      rows,
    ])
    expect(server.requests.filter(({ method }) => method === 'GET').length).toBe(names.length)
  })

  it.each([
    ['toolcach', 'did you mean "toolcache"?'],
    ['x', 'sections there are: toolcache, java'],
  ])('%s is none', async (section, hint) => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(twoSections)
    for (const ask of [() => cache.run({ only: [section] }), () => cache.plan({ only: [section] })]) {
      const fault = await faultOf(ask)
      expect([fault.code, fault.message, fault.hint]).toEqual([
        'E_USAGE',
        `nothing declared belongs to a section called "${section}"`,
        hint,
      ])
    }
  })

  it('that a broken toolset would have are no mistake of whoever names them', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ fail }) => fail(broken()))
    const { items, errors, exitCode } = await cache.run({ only: ['toolcache'] })
    expect([items, errorsOf(errors), exitCode]).toEqual([[], [BROKEN], 1])
  })

  it('leave the others on the nodes, which are declared still', async () => {
    const { with: cacheWith } = await project()
    const fake = new FakeNodes()
    const cache = await cacheWith(twoSections, { nodes: [{ host: 'w1' }] }, [fake.plugin()])
    await cache.run()
    fake.hold('w1', 'old/old-1.0-amd64.tar.zst')
    const { removals } = await cache.run({ only: ['toolcache'], prune: true })
    expect(removals.map(({ remotePath }) => remotePath)).toEqual(['old/old-1.0-amd64.tar.zst'])
  })

  it('are all that a frozen run needs of the lock file', async () => {
    const { with: cacheWith, store } = await project()
    await (await cacheWith(({ add }) => add(request('python', { section: 'toolcache' })))).lock()
    const cache = await cacheWith(twoSections)
    const some = await cache.run({ frozen: true, only: ['toolcache'] })
    expect([told(some.items), some.exitCode]).toEqual([['python@1.0 cached tofu'], 0])
    expect((await cache.run({ frozen: true })).items.map(({ key, state }) => `${key.name} ${state}`)).toEqual(
      ['tool cached', 'python cached', 'jdk failed'],
    )
    expect(readFileSync(join(store, '../pkgcache.lock'), 'utf8')).not.toContain('section')
  })
})

describe('ensure does what is asked for, and nothing else', () => {
  it('a package of the config comes without the toolset', async () => {
    const { with: cacheWith, server } = await project()
    const cache = await cacheWith(twoSections)
    const { items, requirements, exitCode } = await cache.ensurePackage('tool@1.0')
    expect([told(items), requirements, exitCode]).toEqual([['tool@1.0 published tofu'], [], 0])
    expect(server.requests.length).toBe(1)
  })

  it('a package that only a plugin declares comes as the plugin says', async () => {
    const { server } = await project()
    const url = `${server.url}/tool.tar`
    const declares: Declares = (declaration) => {
      twoSections(declaration, undefined as never)
      declaration.add(
        request('go', { platform: 'win32', arch: 'x64', url, section: 'toolcache', to: ['w1'] }),
      )
      declaration.require(row('go', 'toolcache', { key: request('go', { platform: 'win32', arch: 'x64' }) }))
    }
    const seen: PackageRequest[] = []
    const cache = await open(
      folder(),
      [
        toolset(declares),
        source(server, (asked) => {
          seen.push(asked)
          return {}
        }),
      ],
      {},
    )
    const { items, requirements } = await cache.ensurePackage('go@v1.0')
    expect([told(items), items[0]?.section, requirements.length]).toEqual([
      ['go@1.0 published tofu'],
      'toolcache',
      1,
    ])
    expect(seen).toEqual([request('go', { platform: 'win32', arch: 'x64', url, section: 'toolcache' })])
  })

  it.each([
    [{ platform: 'win32' }, 'E_UNKNOWN_PACKAGE'],
    [{ arch: 'arm64' }, 'E_UNKNOWN_PACKAGE'],
    [{ arch: 'amd64', platform: 'linux' }, 'cached'],
    [{ arch: 'x86_64' }, 'cached'],
  ])('for %j', async (options, expected) => {
    const { server } = await project()
    const known = source(server, ({ arch, platform }) =>
      arch === 'amd64' && platform === 'linux' ? {} : undefined,
    )
    const cache = await open(folder(), [toolset(twoSections), known], {})
    await cache.run()
    const { items } = await cache.ensurePackage('python@1.0', options)
    expect(items.map((item) => (item.state === 'failed' ? item.error.code : item.state))).toEqual([expected])
  })

  it('on a node, in its arch, and a broken toolset is no fault of it', async () => {
    const { with: cacheWith } = await project()
    const fake = new FakeNodes({ arches: { w1: 'arm64' } })
    const cache = await cacheWith(
      (declaration) => {
        for (const arch of ['amd64', 'arm64']) declaration.add(request('python', { arch }))
        declaration.fail(broken())
      },
      { nodes: [{ host: 'w1' }] },
      [fake.plugin()],
    )
    const { items, deliveries, errors, exitCode } = await cache.ensurePackage('python@1.0', { nodes: ['w1'] })
    expect(items.map(({ key, state }) => `${key.name} ${key.arch} ${state}`)).toEqual([
      'python arm64 published',
    ])
    expect([deliveries.map(({ state }) => state), errors, exitCode]).toEqual([['sent'], [], 0])
    const sent = await cache.uploadPackageToNode('python@1.0', 'w1')
    expect([sent.items.length, sent.deliveries.map(({ state }) => state)]).toEqual([1, ['present']])
  })

  it('a version that the config does not have comes as the plugin says, too', async () => {
    const { server } = await project()
    const url = `${server.url}/tool.tar`
    const seen: PackageRequest[] = []
    const sourced = source(server, (asked) => {
      seen.push(asked)
      return {}
    })
    const packages = [{ name: 'go', version: '1.0', url: 'https://config.example/go' }]
    const newer = request('go', { version: '2.0', url })
    const cache = await open(folder(), [toolset(({ add }) => add(newer)), sourced], { packages })
    await cache.ensurePackage('go@2.0')
    await cache.ensurePackage('go@1.0')
    expect(seen.map(({ version, url: from }) => `${version} ${from}`)).toEqual([
      `2.0 ${url}`,
      '1.0 https://config.example/go',
    ])
  })

  it('with the trust that a plugin raises for it', async () => {
    const { with: cacheWith } = await project()
    const cache = await cacheWith(({ requireTrust }) => requireTrust('tool', 'signed'))
    expect(told((await cache.ensurePackage('tool@1.0')).items)).toEqual([
      'tool failed E_TRUST: trust is "tofu" where at least "signed" is required',
    ])
  })
})

describe('reports', () => {
  const seen: string[] = []
  const reporter = defineReporter({
    name: 'rows',
    render: ({ result }) => {
      const items = result.items.map((item) => `${item.key.name} ${item.state}`)
      const rows = result.requirements.map(({ tool, status }) => `${tool} ${status}`)
      const content = [...items, ...rows, ...result.errors.map(({ message }) => message)].join('\n')
      seen.push(content)
      return { format: 'rows', fileName: 'rows.txt', content }
    },
  })

  it('are written anew when a row, a section or a fault is another, and only then', async () => {
    const { with: cacheWith } = await project()
    const run = async (status: string, section = 'a') => {
      seen.length = 0
      const declares: Declares = ({ add, require }) => {
        add(request('python', { section }))
        require(row('python', section, { status }))
      }
      const { unchanged } = await (await cacheWith(declares, {}, [reporter()])).run()
      return [unchanged, seen.length]
    }
    expect([await run('matched'), await run('matched')]).toEqual([
      [false, 1],
      [true, 0],
    ])
    expect([await run('ambiguous'), await run('ambiguous')]).toEqual([
      [true, 1],
      [true, 0],
    ])
    expect([await run('ambiguous', 'b'), await run('ambiguous', 'b')]).toEqual([
      [true, 1],
      [true, 0],
    ])
  })

  it('of how things are now hold what plugins declare, offline', async () => {
    const { with: cacheWith } = await project()
    const seen: boolean[] = []
    const cache = await cacheWith(
      (declaration) => {
        seen.push(declaration.frozen)
        twoSections(declaration, undefined as never)
      },
      {},
      [reporter()],
    )
    await cache.run()
    const again = ['tool cached', 'python cached', 'jdk cached', 'python matched', 'jdk matched']
    expect((await cache.report('rows')).content.split('\n')).toEqual(again)
    expect(seen).toEqual([false, true])
    const less = await cacheWith(
      ({ add, require }) => {
        add(request('jdk'))
        add(request('go'))
        require(row('jdk', 'java'))
      },
      {},
      [reporter()],
    )
    expect((await less.report('rows')).content.split('\n')).toEqual([
      'tool cached',
      'jdk cached',
      'go failed',
      'jdk matched',
    ])
  })

  it('tell of a toolset that is broken now, with the rows of the last run', async () => {
    const { with: cacheWith } = await project()
    await (await cacheWith(twoSections, {}, [reporter()])).run()
    for (const [declares, message] of [
      [({ fail }, _) => fail(broken()), 'is no toolset'],
      [
        () => {
          throw new Error('lost')
        },
        'lost',
      ],
    ] as const satisfies readonly (readonly [Declares, string])[]) {
      const cache = await cacheWith(declares, {}, [reporter()])
      expect((await cache.report('rows')).content.split('\n')).toEqual([
        'tool cached',
        'python cached',
        'jdk cached',
        'python matched',
        'jdk matched',
        message,
      ])
    }
  })

  it('of a repaired toolset tell of no fault that is no more', async () => {
    const { with: cacheWith } = await project()
    await (await cacheWith(({ fail }) => fail(broken()), {}, [reporter()])).run()
    const cache = await cacheWith(() => undefined, {}, [reporter()])
    expect((await cache.report('rows')).content).toBe('tool cached')
  })
})

it('names of sections in E_USAGE are quoted', async () => {
  const { with: cacheWith } = await project()
  const cache = await cacheWith(() => undefined)
  expect(await faultLine(() => cache.run({ only: ['a\nb'] }))).toBe(
    'E_USAGE: nothing declared belongs to a section called "a\\nb"',
  )
})
