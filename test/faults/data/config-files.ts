import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stand } from '../stand.ts'
import { type DataCase, refused, untouched, writeConfig } from './kit.ts'

const text = (name: string, content: string | Uint8Array) => (stand: Stand) =>
  writeConfig(stand, name, content)
const json = (content: string | Uint8Array) => text('pkgcache.config.json', content)
const yaml = (content: string) => text('pkgcache.config.yaml', content)
const module_ = (content: string) => text('pkgcache.config.mjs', content)
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

export const CONFIG_FILES = { 'config files': FILES }
