import { describe, expect, it } from 'vitest'
import {
  defineFetcher,
  defineFormat,
  definePlugin,
  defineReporter,
  defineSource,
  defineTransport,
  defineVerifier,
} from '../../src/plugins/define.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { NodeSession } from '../../src/plugins/types.ts'
import { bareScope } from '../support/host.ts'

interface Options {
  readonly token: string
  readonly channel?: 'stable' | 'nightly'
}
const schema = { type: 'object' }
const request = { name: 'tool', version: '1', platform: 'linux', arch: 'amd64' }
const resolution = { ...request, urls: ['https://x/tool'], digests: [] } as const

describe('a plugin factory', () => {
  const strict = defineSource<Options>({ name: 'strict', schema, resolve: () => undefined })
  const lenient = defineSource<{ readonly token?: string }>({
    name: 'lenient',
    schema,
    resolve: () => undefined,
  })
  const none = defineSource({ name: 'none', resolve: () => undefined })

  it('is typed by its options', () => {
    // only the types are looked at: `test/tsconfig.json` fails where one of these lines is no error
    const wrong = [
      // @ts-expect-error the token is required
      () => strict(),
      // @ts-expect-error the token is required
      () => strict({}),
      // @ts-expect-error a token is text
      () => strict({ token: 5 }),
      // @ts-expect-error there is no such channel
      () => strict({ token: 'x', channel: 'beta' }),
      // @ts-expect-error there is no such option
      () => strict({ token: 'x', miror: 'y' }),
      // @ts-expect-error a token is text
      () => lenient({ token: 5 }),
      // @ts-expect-error no plugin lacks a name
      () => definePlugin({ setup: () => undefined }),
      // @ts-expect-error a source resolves
      () => defineSource({ name: 'x' }),
      // @ts-expect-error there are two tiers
      () => definePlugin({ name: 'x', enforce: 'first', setup: () => undefined }),
    ]
    expect(wrong.map((call) => typeof call)).toEqual(wrong.map(() => 'function'))
    expect(
      [strict({ token: 'x', channel: 'stable' }), lenient(), lenient({}), none()].map(
        ({ options }) => options,
      ),
    ).toEqual([{ token: 'x', channel: 'stable' }, {}, {}, {}])
  })

  it('hands on name, tier, order and schema', () => {
    const factory = definePlugin<Options>({
      name: 'x',
      schema,
      enforce: 'pre',
      before: ['y'],
      after: ['z'],
      setup: () => undefined,
    })
    const { setup: _, ...plugin } = factory({ token: 't' })
    expect(plugin).toEqual({
      name: 'x',
      schema,
      enforce: 'pre',
      before: ['y'],
      after: ['z'],
      options: { token: 't' },
    })
  })
})

describe('the kinds of plugins', () => {
  it('source: gets request and options, and its minimum trust counts where the answer names none', async () => {
    const source = defineSource<Options>({
      name: 's',
      packages: ['tool'],
      minimumTrust: 'checksum-file',
      resolve: ({ name }, _ctx, { token }) =>
        name === 'tool' ? { ...resolution, urls: [`https://x/${token}`] } : undefined,
    })
    const host = new PluginHost([source({ token: 't' })])
    expect(host.suggestions).toEqual(['tool'])
    expect(await host.bail('resolve', request, bareScope())).toEqual({
      plugin: 's',
      value: { ...resolution, urls: ['https://x/t'], minimumTrust: 'checksum-file' },
    })
    expect(await host.bail('resolve', { ...request, name: 'other' }, bareScope())).toBeUndefined()
    const own = defineSource({
      name: 's',
      resolve: () => ({ ...resolution, minimumTrust: 'signed' as const }),
    })
    expect(await new PluginHost([own()]).bail('resolve', request, bareScope())).toMatchObject({
      value: { minimumTrust: 'signed' },
    })
    const silent = defineSource({ name: 's', resolve: () => resolution })
    expect(await new PluginHost([silent()]).bail('resolve', request, bareScope())).toMatchObject({
      value: { minimumTrust: 'tofu' },
    })
  })

  it('fetcher: is asked for its schemes only', async () => {
    const asked: string[] = []
    const fetcher = defineFetcher({
      name: 'f',
      schemes: ['one', 'two'],
      fetch: async ({ url }) => {
        asked.push(url.protocol)
        return { url, offset: 0, body: (async function* () {})() }
      },
    })
    const host = new PluginHost([fetcher()])
    for (const url of ['one:x', 'two:x', 'three:x'])
      await host.bail('fetch', { url: new URL(url), method: 'GET', headers: {} }, bareScope())
    expect(asked).toEqual(['one:', 'two:'])
  })

  it('format, verifier, transport and reporter answer their hooks', async () => {
    const scope = bareScope()
    const session: NodeSession = {
      place: async () => ({ state: 'sent', sentBytes: 0 }),
      check: async () => 'present',
      close: async () => undefined,
    }
    const host = new PluginHost([
      defineFormat({ name: 'fmt', open: () => ({ format: 'f', tar: (async function* () {})() }) })(),
      defineVerifier({ name: 'ver', verify: async () => ({ ok: true, summary: 's' }) })(),
      defineTransport({ name: 'tra', connect: async () => session })(),
      defineReporter({ name: 'rep', render: () => ({ format: 'f', fileName: 'f.txt', content: '' }) })(),
    ])
    expect((await host.bail('normalise', {}, scope))?.plugin).toBe('fmt')
    expect((await host.collect('verify', {}, scope)).answers).toEqual([
      { plugin: 'ver', value: { ok: true, summary: 's' } },
    ])
    expect((await host.bail('distribute', {}, scope))?.plugin).toBe('tra')
    expect((await host.collect('report', {}, scope)).answers.map(({ plugin }) => plugin)).toEqual(['rep'])
  })
})
