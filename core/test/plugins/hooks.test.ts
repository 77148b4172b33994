import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { definePlugin } from '../../src/plugins/define.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { Hooks, Plugin } from '../../src/plugins/types.ts'
import { faultOf } from '../support/fault.ts'
import { bareScope } from '../support/host.ts'

const RESOLUTION = { name: 'x', version: '1', platform: 'linux', arch: 'amd64', urls: ['u:1'], digests: [] }

function tapping(name: string, tap: (hooks: Hooks) => void, more: Partial<Plugin> = {}): Plugin {
  return { ...definePlugin({ name, setup: (api) => tap(api.hooks) })(), ...more }
}

/** A plugin whose `resolve` gives `answer`. */
function resolver(name: string, answer: unknown, asked: string[] = []): Plugin {
  return tapping(name, (hooks) =>
    hooks.resolve.tapPromise(name, async () => {
      asked.push(name)
      return answer as never
    }),
  )
}

const request = { name: 'x', version: '1', platform: 'linux', arch: 'amd64' }

describe('a bail hook', () => {
  it('takes the first answer and asks nobody after it', async () => {
    const asked: string[] = []
    const other = { ...RESOLUTION, name: 'y' }
    const host = new PluginHost([
      resolver('none', undefined, asked),
      resolver('first', RESOLUTION, asked),
      resolver('second', other, asked),
    ])
    expect(await host.bail('resolve', request, bareScope())).toEqual({ plugin: 'first', value: RESOLUTION })
    expect(asked).toEqual(['none', 'first'])
  })

  it('lets a pre plugin answer for the others', async () => {
    const override = { ...resolver('override', RESOLUTION), enforce: 'pre' } as const
    const host = new PluginHost([resolver('usual', { ...RESOLUTION, name: 'y' }), override])
    expect((await host.bail('resolve', request, bareScope()))?.plugin).toBe('override')
  })

  it('is undefined when nobody answers', async () => {
    expect(await new PluginHost([]).bail('resolve', request, bareScope())).toBeUndefined()
    const host = new PluginHost([resolver('none', undefined)])
    expect(await host.bail('resolve', request, bareScope())).toBeUndefined()
  })

  it.each<readonly [string, unknown, string, string]>([
    ['null', null, 'returned null', 'name, version, platform, arch, urls, digests'],
    ['a string', 'https://x', 'returned https://x', 'name, version, platform, arch, urls, digests'],
    ['true', true, 'returned true', 'name, version, platform, arch, urls, digests'],
    [
      'an object that lacks keys',
      { name: 'x', version: '1', url: 'u:1' },
      'returned { name, version, url }',
      'platform, arch, urls, digests',
    ],
  ])('refuses %s, with the plugin’s name and what is missing', async (_, answer, returned, missing) => {
    const host = new PluginHost([resolver('source-acme', answer), resolver('next', RESOLUTION)])
    const fault = await faultOf(() => host.bail('resolve', request, bareScope()))
    expect({ ...fault.at({}), message: fault.message }).toMatchObject({
      code: 'E_PLUGIN',
      plugin: 'source-acme',
      stage: 'resolve',
      message: `${returned} where an object with name, version, platform, arch, urls, digests is due`,
      hint: `missing: ${missing}; this is a fault of the plugin, report it to its author`,
    })
  })

  it('ends at the first error', async () => {
    const asked: string[] = []
    const throwing = tapping('bad', (hooks) =>
      hooks.resolve.tapPromise('bad', async () => {
        throw new TypeError('x is undefined')
      }),
    )
    const host = new PluginHost([throwing, resolver('next', RESOLUTION, asked)])
    const fault = await faultOf(() => host.bail('resolve', request, bareScope()))
    expect(fault).toMatchObject({
      code: 'E_PLUGIN',
      plugin: 'bad',
      stage: 'resolve',
      message: 'x is undefined',
    })
    expect(asked).toEqual([])
  })
})

describe('a collect hook', () => {
  const finding = (summary: string) => ({ ok: true, summary })
  const verifier = (name: string, verify: () => Promise<unknown>): Plugin =>
    tapping(name, (hooks) => hooks.verify.tapPromise(name, verify as never))

  it('keeps every answer and every error, in the order of the plugins', async () => {
    const host = new PluginHost([
      verifier('slow', async () => {
        await sleep(30)
        return finding('slow')
      }),
      verifier('bad', async () => {
        await sleep(10)
        throw new Error('bad')
      }),
      verifier('silent', async () => undefined),
      verifier('many', async () => [finding('one'), finding('two')]),
      verifier('worse', async () => {
        throw new Error('worse')
      }),
    ])
    const { answers, errors } = await host.collect('verify', {}, bareScope())
    expect(answers).toEqual([
      { plugin: 'slow', value: finding('slow') },
      { plugin: 'many', value: [finding('one'), finding('two')] },
    ])
    expect(errors.map(({ plugin, stage, message }) => ({ plugin, stage, message }))).toEqual([
      { plugin: 'bad', stage: 'verify', message: 'bad' },
      { plugin: 'worse', stage: 'verify', message: 'worse' },
    ])
  })

  it('takes a wrong shape for an error', async () => {
    const host = new PluginHost([
      verifier('a', async () => [finding('one'), { ok: true }]),
      verifier('b', async () => null),
    ])
    const { answers, errors } = await host.collect('verify', {}, bareScope())
    expect(answers).toEqual([])
    expect(errors.map((error) => `${error.plugin} ${error.message}`)).toEqual([
      'a returned { ok } where an object with ok, summary is due',
      'b returned null where an object with ok, summary is due',
    ])
  })
})

describe('a series hook', () => {
  it('runs one after the other and ends at the first error', async () => {
    const said: string[] = []
    const saying = (name: string, work: () => Promise<void>): Plugin =>
      tapping(name, (hooks) =>
        hooks.done.tapPromise(name, async () => {
          said.push(`${name} begins`)
          await work()
          said.push(`${name} ends`)
        }),
      )
    const host = new PluginHost([
      saying('a', () => sleep(10)),
      saying('b', () => Promise.reject(new Error('b failed'))),
      saying('c', () => sleep(0)),
    ])
    const fault = await faultOf(() => host.series('done', {}, bareScope()))
    expect(fault).toMatchObject({ code: 'E_PLUGIN', plugin: 'b', stage: 'done', message: 'b failed' })
    expect(said).toEqual(['a begins', 'a ends', 'b begins'])
  })

  it('cares for no answer', async () => {
    const host = new PluginHost([tapping('a', (hooks) => hooks.done.tap('a', () => null as never))])
    expect(await host.series('done', {}, bareScope())).toBeUndefined()
  })
})

describe('a tap', () => {
  const answered = { plugin: 'a', value: RESOLUTION }

  it.each<readonly [string, (hooks: Hooks) => void]>([
    ['tap', (hooks) => hooks.resolve.tap('a', () => RESOLUTION as never)],
    [
      'tapAsync',
      (hooks) => hooks.resolve.tapAsync('a', (_request, _ctx, done) => done(null, RESOLUTION as never)),
    ],
    ['tapPromise', (hooks) => hooks.resolve.tapPromise('a', async () => RESOLUTION as never)],
  ])('can be a %s', async (_, tap) => {
    expect(await new PluginHost([tapping('a', tap)]).bail('resolve', request, bareScope())).toEqual(answered)
  })

  it.each<readonly [string, (hooks: Hooks) => void]>([
    [
      'tap',
      (hooks) =>
        hooks.resolve.tap('a', () => {
          throw new Error('no')
        }),
    ],
    ['tapAsync', (hooks) => hooks.resolve.tapAsync('a', (_request, _ctx, done) => done(new Error('no')))],
    ['tapPromise', (hooks) => hooks.resolve.tapPromise('a', () => Promise.reject(new Error('no')))],
  ])('that fails as a %s names its plugin', async (_, tap) => {
    const host = new PluginHost([tapping('source-a', tap)])
    const fault = await faultOf(() => host.bail('resolve', request, bareScope()))
    expect([fault.code, fault.plugin, fault.stage, fault.message]).toEqual([
      'E_PLUGIN',
      'source-a',
      'resolve',
      'no',
    ])
  })

  it.each<readonly [string, object]>([
    ['before', { name: 'a', before: 'b' }],
    ['stage', { name: 'a', stage: -1 }],
  ])('with tapable’s own %s is refused', async (_, options) => {
    const plugin = tapping('a', (hooks) =>
      hooks.resolve.tapPromise(options as never, async () => RESOLUTION as never),
    )
    const fault = await faultOf(() => new PluginHost([plugin]))
    expect(fault).toMatchObject({
      code: 'E_PLUGIN',
      plugin: 'a',
      message: 'taps "resolve" with tapable\'s own before or stage',
      hint: 'order plugins with enforce, before and after of the plugin itself',
    })
  })

  it('belongs to its plugin, whatever name it gives', async () => {
    const host = new PluginHost([
      tapping('mine', (hooks) => hooks.resolve.tap('yours', () => RESOLUTION as never)),
    ])
    expect((await host.bail('resolve', request, bareScope()))?.plugin).toBe('mine')
    expect(host.tappedBy('mine')).toEqual(['resolve'])
    expect(host.ownersOf('resolve')).toEqual(['mine'])
  })

  it('is listed in the order of a run', () => {
    const plugin = tapping('a', (hooks) => {
      hooks.done.tap('a', () => undefined)
      hooks.fetch.tap('a', () => undefined as never)
      hooks.declare.tap('a', () => undefined)
    })
    expect(new PluginHost([plugin]).tappedBy('a')).toEqual(['declare', 'fetch', 'done'])
  })
})
