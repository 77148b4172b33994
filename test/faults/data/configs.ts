import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@pkgcache/core'
import type { Stand, Stands } from '../stand.ts'
import { type DataCase, soundConfig, writeConfig } from './kit.ts'

const text = (name: string, content: string | Uint8Array) => (stand: Stand) =>
  writeConfig(stand, name, content)
const json = (content: string | Uint8Array) => text('pkgcache.config.json', content)
const yaml = (content: string) => text('pkgcache.config.yaml', content)
const module_ = (content: string) => text('pkgcache.config.mjs', content)
/** The sound config with something else in it. */
const changed = (more: object) => (stand: Stand, stands: Stands) =>
  stand.configure(soundConfig(stands, more as Config))

const refused = { exit: 2, code: 'E_CONFIG', also: untouched } as const

/** Nothing in the store may have been so much as looked at. */
function untouched({ before, after }: { before: { files: object }; after: { files: object } }): string[] {
  return JSON.stringify(before.files) === JSON.stringify(after.files) ? [] : ['the store was changed']
}

const DEEP = 20_000
/** Ten levels of ten: ten thousand million strings, if anybody writes them out. */
const LAUGHS = [
  'a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]',
  ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
].join('\n')

const FILES: readonly DataCase[] = [
  { what: 'JSON that is cut off', ...refused, says: 'cannot be read', arrange: json('{"packages": ["a@1"') },
  {
    what: 'JSON with bytes that are no text',
    ...refused,
    says: 'cannot be read',
    arrange: json(Uint8Array.of(0, 159, 146, 150)),
  },
  { what: 'a JSON array', ...refused, says: 'must be object', arrange: json('[]') },
  { what: 'a JSON null', ...refused, says: 'there is no pkgcache.config', arrange: json('null') },
  { what: 'a JSON string', ...refused, says: 'must be object', arrange: json('"packages"') },
  { what: 'JSON of 100,000 levels', ...refused, arrange: json('['.repeat(100_000) + ']'.repeat(100_000)) },
  { what: 'JSON of 20 MB', ...refused, arrange: json(`{"packages": "${'x'.repeat(20_000_000)}"}`) },
  { what: 'an empty file', exit: 0, also: untouched, arrange: json('') },
  { what: 'a file of spaces', exit: 0, also: untouched, arrange: yaml('  \n\n') },
  {
    what: 'a folder in its place',
    ...refused,
    says: 'there is no pkgcache.config',
    arrange: async (stand) => {
      await rm(join(stand.dir, 'pkgcache.config.json'))
      await mkdir(join(stand.dir, 'pkgcache.config.json'))
    },
  },
  {
    what: 'a link to nothing',
    ...refused,
    says: 'there is no pkgcache.config',
    arrange: async (stand) => {
      await rm(join(stand.dir, 'pkgcache.config.json'))
      await symlink('gone.json', join(stand.dir, 'pkgcache.config.json'))
    },
  },
  {
    what: 'a file that is not there',
    ...refused,
    says: 'there is no config file',
    hint: 'pkgcache init',
    args: ['run', '--json', '--config', 'gone.json'],
    arrange: () => undefined,
  },
  {
    what: 'a file of a kind that is not known',
    ...refused,
    says: 'cannot be read',
    args: ['run', '--json', '--config', 'pkgcache.config.toml'],
    arrange: text('pkgcache.config.toml', 'a = 1'),
  },
  {
    what: 'YAML that is broken',
    ...refused,
    says: 'cannot be read',
    arrange: yaml('packages: [a@1\nstore: x'),
  },
  {
    what: 'YAML with a key twice',
    ...refused,
    says: 'cannot be read',
    arrange: yaml('store: a\nstore: b\n'),
  },
  {
    what: `YAML of ${DEEP} levels`,
    ...refused,
    arrange: yaml(`packages: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}`),
  },
  {
    what: `YAML of ${DEEP} levels, twice`,
    ...refused,
    arrange: yaml(`a: ${'['.repeat(DEEP)}\n---\n${'['.repeat(DEEP)}`),
  },
  {
    what: 'YAML with ten thousand million laughs',
    ...refused,
    says: 'too large',
    arrange: yaml(LAUGHS),
  },
  {
    what: 'the same in a field of a package, where any is allowed',
    ...refused,
    says: 'too large',
    arrange: yaml(
      `packages:\n  - name: x\n    version: '1'\n    laughs:\n${LAUGHS.replace(/^/gm, '      ')}`,
    ),
  },
  {
    what: 'YAML with an alias in itself',
    ...refused,
    says: 'too large',
    arrange: yaml("packages:\n  - &a\n    name: x\n    version: '1'\n    self: *a\n"),
  },
  {
    what: 'YAML with a version that is read as a number',
    ...refused,
    says: 'packages[0].version: must be string, is number; put it in quotes',
    arrange: yaml('packages:\n  - name: x\n    version: 1.10\n'),
  },
  {
    what: 'a module with a syntax error',
    ...refused,
    says: 'cannot be read',
    arrange: module_('export default {'),
  },
  {
    what: 'a module that throws',
    ...refused,
    says: 'no luck today',
    arrange: module_('throw new Error("no luck today")'),
  },
  {
    what: 'a module that throws no error',
    ...refused,
    says: 'cannot be read',
    arrange: module_('throw null'),
  },
  {
    what: 'a module that exports something else',
    ...refused,
    says: 'unknown key "nothing"',
    arrange: module_('export const nothing = []'),
  },
  {
    what: 'a module whose function throws',
    ...refused,
    says: 'no luck today',
    arrange: module_('export default () => { throw new Error("no luck today") }'),
  },
  {
    what: 'a module whose promise is refused',
    ...refused,
    says: 'no luck today',
    arrange: module_('export default async () => { throw new Error("no luck today") }'),
  },
  {
    what: 'a module that imports what is not there',
    ...refused,
    says: 'not-there',
    arrange: module_('import x from "not-there"\nexport default { packages: [x] }'),
  },
]

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

export const CONFIGS = { 'config files': FILES, 'what a config says': KEYS }
