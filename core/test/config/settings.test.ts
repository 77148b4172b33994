import { homedir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { type Settings, toSettings } from '../../src/config/settings.ts'
import type { Config } from '../../src/config/types.ts'
import { definePlugin, defineSource } from '../../src/plugins/define.ts'
import { Schemas } from '../../src/schemas.ts'
import { faultOf } from '../support/fault.ts'

const schemas = new Schemas()
const plugin = (name: string) => definePlugin({ name, setup: () => undefined })()

function settings(
  config: unknown,
  env: Record<string, string> = {},
  defaultPlugins = [plugin('default')],
): Settings {
  return toSettings(config as Config, { dir: '/project', env, defaultPlugins, schemas })
}

const go = { x64: 'amd64', ia32: '386' } as const
const ownArch = process.arch in go ? go[process.arch as keyof typeof go] : process.arch

describe('a config without end', () => {
  const itself: Record<string, unknown> = {}
  itself.again = itself
  const ten = (value: unknown) => Array(10).fill(value)
  const laughs = ten(ten(ten(ten(ten(ten('ha'))))))
  it.each([
    ['in itself', itself, 'nested over 100 levels deep, or in itself'],
    ['of a million strings, though few are written', laughs, 'over 1000000 values, aliases written out'],
  ])('%s', async (_, extra, why) => {
    const fault = await faultOf(() => settings({ packages: [{ name: 'x', version: '1', extra }] }))
    expect([fault.code, fault.message]).toEqual(['E_CONFIG', `the configuration is too large: ${why}`])
  })

  it('may have plugins that hold themselves', () => {
    const held = { ...plugin('held'), itself }
    expect(settings({ plugins: [held] }).plugins.map(({ name }) => name)).toEqual(['held', 'default'])
  })
})

describe('an empty config', () => {
  it('has these settings', () => {
    const { limits, plugins, ...rest } = settings({})
    expect(rest).toEqual({
      dir: '/project',
      store: `${homedir()}/.pkgcache/cache/packages`,
      platform: 'linux',
      distribute: { via: 'direct', fanout: 2 },
      arches: [ownArch],
      requests: [],
      mirrors: { mirrors: {}, mirrorsOnly: false },
      nodes: [],
      caps: {
        downloadBytes: 16 * 2 ** 30,
        entries: 200_000,
        totalBytes: 32 * 2 ** 30,
        ratio: 200,
        ratioFrom: 64 * 2 ** 20,
      },
      minimumTrust: 'unverified',
    })
    expect(limits).toMatchObject({ resolve: 16, fetch: 6, nodes: 8, perHost: 4 })
    expect(limits.normalise).toBeGreaterThan(0)
    expect(plugins.map(({ name }) => name)).toEqual(['default'])
  })
})

describe('the store', () => {
  it.each<readonly [Config, Record<string, string>, string]>([
    [{ store: '/abs' }, {}, '/abs'],
    [{ store: 'rel/store' }, {}, '/project/rel/store'],
    [{ store: '../up' }, {}, '/up'],
    [{ store: '~/mine' }, {}, `${homedir()}/mine`],
    [{}, { PKGCACHE_HOME: '/pk' }, '/pk/cache/packages'],
    [{}, { OMYKUBE_HOME: '/ok' }, '/ok/cache/packages'],
    [{}, { PKGCACHE_HOME: '/pk', OMYKUBE_HOME: '/ok' }, '/pk/cache/packages'],
    [{}, { PKGCACHE_HOME: '', OMYKUBE_HOME: '/ok' }, '/ok/cache/packages'],
    [{}, { PKGCACHE_HOME: '~/pk' }, `${homedir()}/pk/cache/packages`],
    [{ store: '/abs' }, { PKGCACHE_HOME: '/pk' }, '/abs'],
  ])('of %j with %j lies in %s', (config, env, expected) => {
    expect(settings(config, env).store).toBe(expected)
  })
})

describe('packages', () => {
  const base = { name: 'tool', version: '1.0', platform: 'linux', arch: 'amd64' }

  it.each<readonly [string, Config, readonly unknown[]]>([
    ['name@version', { arch: 'amd64', packages: ['tool@1.0'] }, [base]],
    [
      'for several arches',
      { arch: ['amd64', 'arm64'], packages: ['tool@1.0'] },
      [base, { ...base, arch: 'arm64' }],
    ],
    [
      'for another platform',
      { arch: 'x64', platform: 'win32', packages: ['tool@1.0'] },
      [{ ...base, platform: 'win32', arch: 'x64' }],
    ],
    [
      'an object over the config’s own',
      { arch: 'arm64', packages: [{ name: 'tool', version: '1.0', arch: 'amd64', platform: 'darwin' }] },
      [{ ...base, platform: 'darwin' }],
    ],
    [
      'an object for several arches',
      { packages: [{ name: 'tool', version: '1.0', arch: ['amd64', 's390x'] }] },
      [base, { ...base, arch: 's390x' }],
    ],
    [
      'every field',
      {
        arch: 'amd64',
        packages: [
          {
            name: 'tool',
            version: '1.0',
            url: 'https://x/{name}-{version}',
            sha256: 'AB'.repeat(32),
            checksumUrl: 'https://x/SUMS',
            signatureUrl: 'https://x/SUMS.asc',
            signatureOver: 'checksum-file',
            format: 'zip',
            normalise: false,
            trust: { minimum: 'pinned' },
            section: 'build tools',
            channel: 'stable',
            extra: 1,
          },
        ],
      },
      [
        {
          ...base,
          url: 'https://x/{name}-{version}',
          sha256: 'ab'.repeat(32),
          checksumUrl: 'https://x/SUMS',
          signatureUrl: 'https://x/SUMS.asc',
          signatureOver: 'checksum-file',
          format: 'zip',
          normalise: false,
          section: 'build tools',
          minimumTrust: 'pinned',
          extra: { channel: 'stable', extra: 1 },
        },
      ],
    ],
  ])('%s', (_, config, requests) => {
    expect(settings(config).requests).toEqual(requests)
  })
})

describe('nodes', () => {
  it.each<readonly [object, object]>([
    [{ host: 'n1' }, { name: 'n1', host: 'n1', root: '/usr/local/src', sudo: false }],
    [
      {
        name: 'x',
        host: '::1',
        port: 2222,
        user: 'core',
        identityFile: '~/.ssh/id',
        knownHosts: 'hosts',
        sudo: true,
        arch: 'arm64',
      },
      {
        name: 'x',
        host: '::1',
        port: 2222,
        user: 'core',
        identityFile: `${homedir()}/.ssh/id`,
        knownHosts: '/project/hosts',
        root: '/usr/local/src',
        sudo: true,
        arch: 'arm64',
      },
    ],
    [
      { host: 'n1', root: '~/packages' },
      { name: 'n1', host: 'n1', root: '~/packages', sudo: false },
    ],
    [{ root: './mnt' }, { name: './mnt', root: '/project/mnt', sudo: false }],
    [{ root: '~/mnt' }, { name: '~/mnt', root: `${homedir()}/mnt`, sudo: false }],
  ])('%j', (node, expected) => {
    expect(settings({ nodes: [node] }).nodes).toEqual([expected])
  })
})

describe('other keys', () => {
  it('are taken over', () => {
    const mirrors = { 'https://': ['http://127.0.0.1:8080/'], 'https://x/': ['https://a/', 'https://b/'] }
    const made = settings({
      $schema: 'x',
      mirrors,
      mirrorsOnly: true,
      concurrency: { resolve: 1, fetch: 2, perHost: 3, normalise: 4, nodes: 5 },
      trust: { minimum: 'checksum-file' },
    })
    expect(made.mirrors).toEqual({ mirrors, mirrorsOnly: true })
    expect(made.limits).toEqual({ resolve: 1, fetch: 2, perHost: 3, normalise: 4, nodes: 5 })
    expect(made.minimumTrust).toBe('checksum-file')
  })

  it('plugins come before the defaults and take the place of one of their name', () => {
    const [own, other] = [plugin('b'), plugin('own')]
    const made = settings({ plugins: [own, other] }, {}, [plugin('a'), plugin('b'), plugin('c')])
    expect(made.plugins.map(({ name }) => name)).toEqual(['b', 'own', 'a', 'c'])
    expect(made.plugins[0]).toBe(own)
  })
})

describe('faults of a config', () => {
  const acme = defineSource<Record<string, unknown>>({
    name: 'source-acme',
    schema: { type: 'object', additionalProperties: false, properties: { mirror: { type: 'string' } } },
    resolve: () => undefined,
  })

  it.each<readonly [unknown, readonly string[]]>([
    [null, ['must be object, is null']],
    [[], ['must be object, is array']],
    ['text', ['must be object, is string']],
    [{ pakages: [] }, ['unknown key "pakages"; did you mean "packages"?']],
    [{ somethingElse: 1 }, ['unknown key "somethingElse"']],
    [{ store: 5 }, ['store: must be string, is number; put it in quotes']],
    [{ store: '' }, ['store: must NOT have fewer than 1 characters']],
    [{ arch: [] }, ['arch: must NOT have fewer than 1 items']],
    [{ arch: 5 }, ['arch: must be string or array, is number; put it in quotes']],
    [{ packages: 'tool@1' }, ['packages: must be array, is string']],
    [{ packages: ['tool'] }, ['packages[0]: "tool" does not have the right form (write name@version)']],
    [
      { packages: ['a@1', 'b @2'] },
      ['packages[1]: "b @2" does not have the right form (write name@version)'],
    ],
    [{ packages: [5] }, ['packages[0]: must be object, is number']],
    [{ packages: [{ name: 'a' }] }, ['packages[0]: key "version" is missing']],
    [
      { packages: [{ name: 'a', version: 1.1 }] },
      ['packages[0].version: must be string, is number; put it in quotes'],
    ],
    [
      { packages: [{ name: 'a', version: '1', sha256: 'abc' }] },
      ['packages[0].sha256: "abc" does not have the right form (64 hex digits)'],
    ],
    [
      { packages: [{ name: 'a', version: '1', format: 'tar.gzip' }] },
      [
        'packages[0].format: must be one of tar, tar.gz, tgz, tar.bz2, tar.xz, tar.zst, zip, binary; did you mean "tar.gz"?',
      ],
    ],
    [
      { packages: [{ name: 'a', version: '1', checksumUrl: 'https://x' }] },
      ['packages[0]: "checksumUrl" needs "url" too'],
    ],
    [
      { packages: [{ name: 'a', version: '1', signatureUrl: 'https://x', signatureOver: 'artefact' }] },
      [
        'packages[0]: "signatureUrl" needs "url" too',
        'packages[0]: "signatureOver" needs "url" too',
        'packages[0].signatureOver: must be one of artifact, checksum-file; did you mean "artifact"?',
      ],
    ],
    [
      { packages: [{ name: 'a', version: '1', trust: { minimum: 'pined' } }] },
      [
        'packages[0].trust.minimum: must be one of signed, pinned, checksum-file, tofu, unverified; did you mean "pinned"?',
      ],
    ],
    [{ mirrors: { 'https://': [] } }, ['mirrors.https://: must NOT have fewer than 1 items']],
    [{ mirrors: { 'https://': 'http://x/' } }, ['mirrors.https://: must be array, is string']],
    [
      { mirrors: { 'https://': ['mirror.local'] } },
      [
        'mirrors.https://[0]: "mirror.local" does not have the right form (a URL prefix such as https://mirror.example/)',
      ],
    ],
    [
      { mirrors: { github: ['https://x/'] } },
      ['mirrors: "github" does not have the right form (a URL prefix such as https://)'],
    ],
    [{ nodes: [{ hots: 'x', host: 'x' }] }, ['nodes[0]: unknown key "hots"; did you mean "host"?']],
    [{ nodes: [{ host: 'x', port: 99999 }] }, ['nodes[0].port: must be <= 65535']],
    [{ nodes: [{ name: 'x' }] }, ['nodes[0]: needs a host, or a root for a folder of this machine']],
    [
      { nodes: [{ host: 'x', root: 'rel' }] },
      ['nodes[0].root: "rel" does not have the right form (an absolute folder, default /usr/local/src)'],
    ],
    [
      { nodes: [{ host: 'x' }, { host: 'x', port: 2 }] },
      ['nodes: two are called "x"; give them a name each'],
    ],
    [{ concurrency: { fetch: 0 } }, ['concurrency.fetch: must be >= 1']],
    [{ concurrency: { fetsh: 2 } }, ['concurrency: unknown key "fetsh"; did you mean "fetch"?']],
    [
      { trust: { minimum: 'high' } },
      ['trust.minimum: must be one of signed, pinned, checksum-file, tofu, unverified'],
    ],
    [{ plugins: {} }, ['plugins: must be array, is object']],
    [{ plugins: ['source-url'] }, ['plugins[0]: must be object, is string']],
    [{ plugins: [acme] }, ['plugins[0]: must be object, is function']],
    [{ plugins: [{ name: 'x' }] }, ['plugins[0]: key "setup" is missing']],
    [
      { plugins: [acme({ miror: 'x' })] },
      ['plugins[0] (source-acme): unknown option "miror"; did you mean "mirror"?'],
    ],
    [
      {
        store: 5,
        packages: ['x'],
        nodes: [{ name: 'n' }, { host: 'a' }, { host: 'a' }],
        plugins: [plugin('p'), acme({ miror: 'x' })],
      },
      [
        'store: must be string, is number; put it in quotes',
        'packages[0]: "x" does not have the right form (write name@version)',
        'plugins[1] (source-acme): unknown option "miror"; did you mean "mirror"?',
        'nodes[0]: needs a host, or a root for a folder of this machine',
        'nodes: two are called "a"; give them a name each',
      ],
    ],
  ])('%j', async (config, faults) => {
    const fault = await faultOf(() => settings(config))
    expect(fault.faults).toEqual(faults)
    expect([fault.code, fault.exitCode, fault.message]).toEqual([
      'E_CONFIG',
      2,
      `the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}`,
    ])
  })
})
