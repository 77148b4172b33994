import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { faultOf } from '../support/fault.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

/** A project folder with one file. */
function project(name: string, text: string): string {
  const dir = folder()
  writeFileSync(join(dir, name), text)
  return dir
}

describe('a config file', () => {
  it.each([
    ['pkgcache.config.json', '{ "store": "s", "packages": ["a@1"] }'],
    ['pkgcache.config.yaml', 'store: s\npackages:\n  - a@1\n'],
    ['pkgcache.config.yml', 'store: s\npackages: [a@1]\n'],
    ['pkgcache.config.mjs', 'export default { store: "s", packages: ["a@1"] }'],
    ['pkgcache.config.js', 'module.exports = { store: "s", packages: ["a@1"] }'],
    ['pkgcache.config.mjs', 'export default () => ({ store: "s", packages: ["a@1"] })'],
    ['pkgcache.config.mjs', 'export default async () => ({ store: "s", packages: ["a@1"] })'],
  ])('%s is found and read', async (name, text) => {
    const dir = project(name, text)
    const loaded = { config: { store: 's', packages: ['a@1'] }, file: join(dir, name), dir }
    expect(await loadConfig({ cwd: dir })).toEqual(loaded)
    expect(await loadConfig({ cwd: dir, file: name })).toEqual(loaded)
    expect(await loadConfig({ cwd: '/', file: join(dir, name) })).toEqual(loaded)
  })

  it('may have any name when it is given', async () => {
    const dir = project('other.yaml', 'store: s\n')
    expect((await loadConfig({ cwd: dir, file: 'other.yaml' })).config).toEqual({ store: 's' })
    expect((await loadConfig({ cwd: dir })).file).toBeUndefined()
  })

  it('is looked for upwards', async () => {
    const dir = project('pkgcache.config.json', '{ "store": "s" }')
    const below = join(dir, 'a', 'b')
    mkdirSync(below, { recursive: true })
    expect(await loadConfig({ cwd: below })).toEqual({
      config: { store: 's' },
      file: join(dir, 'pkgcache.config.json'),
      dir,
    })
  })

  it('of an extension that core cannot read is read by the given loader', async () => {
    const dir = project('pkgcache.config.mts', 'anything')
    const loaders = { '.mts': async (path: string) => ({ store: readFileSync(path, 'utf8') }) }
    expect((await loadConfig({ cwd: dir, loaders })).config).toEqual({ store: 'anything' })
  })

  it('that is empty stands for no settings', async () => {
    const dir = project('pkgcache.config.yaml', '')
    expect(await loadConfig({ cwd: dir })).toEqual({
      config: {},
      file: join(dir, 'pkgcache.config.yaml'),
      dir,
    })
  })

  it('that is not there leaves all at its default', async () => {
    const dir = folder()
    expect(await loadConfig({ cwd: dir })).toEqual({ config: {}, file: undefined, dir })
  })
})

describe('a config file that cannot be used', () => {
  it('is missing', async () => {
    const dir = folder()
    const fault = await faultOf(() => loadConfig({ cwd: dir, file: 'none.yaml' }))
    expect(fault).toMatchObject({
      code: 'E_CONFIG',
      exitCode: 2,
      message: `there is no config file ${dir}/none.yaml`,
      hint: '`pkgcache init` writes a starter config',
    })
  })

  it.each([
    ['pkgcache.config.json', '{ "store": }'],
    ['pkgcache.config.yaml', 'store: [\n'],
    ['pkgcache.config.mjs', 'export default {'],
    ['pkgcache.config.mjs', 'throw new Error("broken inside")'],
    ['pkgcache.config.mjs', 'import "./missing.mjs"'],
  ])('%s holds %j', async (name, text) => {
    const dir = project(name, text)
    const fault = await faultOf(() => loadConfig({ cwd: dir }))
    expect([fault.code, fault.exitCode]).toEqual(['E_CONFIG', 2])
    expect(fault.message).toMatch(/^the config cannot be read: /)
  })

  it.each([
    ['json', '{\n"token": "s3cret-1"\n"x": 1 }', 'JSON Error in FILE: line 3'],
    ['json', '{ "token": s3cret-1 }', 'JSON Error in FILE'],
    ['json', '"s3cret-1', 'JSON Error in FILE: line 1'],
    [
      'yaml',
      'a: 1\ntoken: "s3cret-1\n',
      'YAML Error in FILE: line 3, column 1: unexpected end of the stream within a double quoted scalar',
    ],
    ['yaml', 'token: *s3cret-1\n', 'YAML Error in FILE: line 1, column 17: unidentified alias …'],
    ['yaml', 'token: !s3cret-1 x\n', 'YAML Error in FILE: line 1, column 19: unknown tag …'],
    [
      'yaml',
      'token: s3cret-1\ntoken: s3cret-1\n',
      'YAML Error in FILE: line 2, column 1: duplicated mapping key',
    ],
  ])('is %s with broken syntax: %j quotes nothing', async (extension, text, message) => {
    const dir = project(`pkgcache.config.${extension}`, text)
    const fault = await faultOf(() => loadConfig({ cwd: dir }))
    const file = join(dir, `pkgcache.config.${extension}`)
    expect(fault.message).toBe(`the config cannot be read: ${message.replace('FILE', file)}`)
    expect([fault.cause, fault.stack?.includes('s3cret-1')]).toEqual([undefined, false])
  })

  it('exports a function that throws', async () => {
    const dir = project('pkgcache.config.mjs', 'export default () => { throw new Error("no token") }')
    const fault = await faultOf(() => loadConfig({ cwd: dir }))
    expect([fault.code, fault.message]).toEqual([
      'E_CONFIG',
      `the function that ${dir}/pkgcache.config.mjs exports threw: Error: no token`,
    ])
  })
})
