import type { Config } from '@pkgcache/core'
import type { Stand, Stands } from '../stand.ts'
import { type DataCase, refused, soundConfig, untouched, writeConfig } from './kit.ts'

const json = (content: string) => (stand: Stand) => writeConfig(stand, 'pkgcache.config.json', content)
/** The sound config with something else in it. */
const changed = (more: object) => (stand: Stand, stands: Stands) =>
  stand.configure(soundConfig(stands, more as Config))

const KEYS: readonly DataCase[] = [
  {
    what: 'an unknown key',
    ...refused,
    says: 'unknown key "mirors"; did you mean "mirrors"?',
    arrange: changed({ mirors: {} }),
  },
  {
    what: 'a key that JavaScript has a meaning for',
    ...refused,
    says: 'unknown key "__proto__"',
    arrange: json('{"__proto__": {"packages": ["a@1"]}}'),
  },
  {
    what: 'another one',
    ...refused,
    says: 'unknown key "constructor"',
    arrange: json('{"constructor": {"prototype": {}}}'),
  },
  {
    what: 'packages that are no list',
    ...refused,
    says: 'packages: must be array, is object',
    arrange: changed({ packages: {} }),
  },
  {
    what: 'a package without a version',
    ...refused,
    says: 'packages[0]: key "version" is missing',
    arrange: changed({ packages: [{ name: 'x' }] }),
  },
  {
    what: 'a package that is a number',
    ...refused,
    says: 'packages[0]',
    arrange: changed({ packages: [1] }),
  },
  {
    what: 'a digest that is none',
    ...refused,
    says: 'packages[0].sha256',
    arrange: changed({ packages: [{ name: 'x', version: '1', sha256: 'abc' }] }),
  },
  {
    what: 'a store that is a number',
    ...refused,
    says: 'store: must be string',
    arrange: changed({ store: 1 }),
  },
  {
    what: 'limits below one',
    ...refused,
    says: 'limits.entries',
    arrange: changed({ limits: { entries: 0 } }),
  },
  {
    what: 'limits that are no number',
    ...refused,
    says: 'limits.ratio: must be',
    arrange: changed({ limits: { ratio: 'many' } }),
  },
  {
    what: 'no downloads at a time',
    ...refused,
    says: 'concurrency.fetch',
    arrange: changed({ concurrency: { fetch: 0 } }),
  },
  {
    what: 'a trust that does not exist',
    ...refused,
    says: 'did you mean "signed"?',
    arrange: changed({ trust: { minimum: 'signd' } }),
  },
  {
    what: 'a node without host and root',
    ...refused,
    says: 'nodes[0]: needs a host, or a root',
    arrange: changed({ nodes: [{ user: 'root' }] }),
  },
  {
    what: 'two nodes of one name',
    ...refused,
    says: 'two are called "10.0.0.1"',
    arrange: changed({ nodes: [{ host: '10.0.0.1' }, { host: '10.0.0.1' }] }),
  },
  {
    what: 'a port that is none',
    ...refused,
    says: 'nodes[0].port',
    arrange: changed({ nodes: [{ host: 'x', port: 70_000 }] }),
  },
  {
    what: 'mirrors that are no list',
    ...refused,
    says: 'mirrors',
    arrange: changed({ mirrors: { 'https://a/': 'https://b/' } }),
  },
  {
    what: 'a plugin that is none',
    ...refused,
    says: 'plugins[0]',
    arrange: changed({ plugins: ['source-acme'] }),
  },
  {
    what: 'a plugin option that does not exist',
    ...refused,
    says: 'plugins[0] (fetch-http): unknown option "stallTimout"; did you mean "stallTimeout"?',
    arrange: (stand) => stand.configure({}, 'fetchHttp({ stallTimout: 1 })'),
  },
  {
    what: 'a plugin option of the wrong type',
    ...refused,
    says: 'plugins[0] (fetch-http): stallTimeout',
    arrange: (stand) => stand.configure({}, 'fetchHttp({ stallTimeout: "long" })'),
  },
  {
    what: 'the same plugin twice',
    exit: 2,
    code: 'E_PLUGIN_ORDER',
    says: 'fetch-http',
    also: untouched,
    arrange: (stand) => stand.configure({}, 'fetchHttp(), fetchHttp()'),
  },
  {
    what: 'many faults, all told at once',
    ...refused,
    says: /the configuration has 3 faults[\s\S]*mirors[\s\S]*packages\[0\][\s\S]*nodes\[0\]/,
    arrange: changed({ mirors: {}, packages: [{ name: 'x' }], nodes: [{ user: 'x' }] }),
  },
]

export const CONFIG_KEYS = { 'what a config says': KEYS }
