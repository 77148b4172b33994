import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../src/cli.ts'
import { recorder } from './kit.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkgcache-declared-'))
  writeFileSync(join(folder, 'tool'), '#!/bin/sh\n')
  writeFileSync(join(folder, 'sound.mjs'), config('', []))
  writeFileSync(join(folder, 'broken.mjs'), config(FAIL, []))
  writeFileSync(join(folder, 'grouped.mjs'), config('', ['build', 'test']))
})
afterAll(() => rmSync(folder, { recursive: true }))

const FAIL = `declaration.fail(new PkgcacheError('E_TOOLSET', 'is no toolset', { item: 'toolset.json', hint: 'mend it' }))`
const SHOWN = 'error E_TOOLSET toolset.json: is no toolset\n  hint: mend it\n'
const DOCUMENT = {
  code: 'E_TOOLSET',
  message: 'is no toolset',
  hint: 'mend it',
  item: 'toolset.json',
  faults: [],
}

/** A config with a package per section, and a plugin that declares as `statement` says. */
function config(statement: string, sections: readonly string[]): string {
  const packages = sections.map((section) => ({
    ...{ name: `tool-${section}`, version: '1.0', section },
    url: `file://${folder}/tool`,
  }))
  return `import { definePlugin, PkgcacheError } from '@pkgcache/core'
const plugin = definePlugin({
  name: 'toolset-test',
  setup: (api) => api.hooks.declare.tap('toolset-test', (declaration) => { ${statement} }),
})
export default { store: './store', arch: 'amd64', packages: ${JSON.stringify(packages)}, plugins: [plugin()] }
`
}

async function call(line: string) {
  const { written, stdout, stderr } = recorder()
  const { signal } = new AbortController()
  const around = { stdout, stderr, env: { NO_COLOR: '1' }, cwd: folder, version: '1.2.3', signal }
  return { code: await cli(line.split(' '), around), ...written }
}

describe('faults of what is declared', () => {
  it.each(['run', 'fetch', 'plan', 'lock', 'nodes', 'distribute'])(
    'are told by %s, in its one document, too',
    async (command) => {
      const plain = await call(`${command} --config broken.mjs`)
      expect([plain.code, plain.stderr]).toEqual([1, SHOWN])
      const { code, stdout } = await call(`${command} --config broken.mjs --json`)
      expect([code, JSON.parse(stdout).exit_code, JSON.parse(stdout).errors]).toEqual([1, 1, [DOCUMENT]])
      const sound = await call(`${command} --config sound.mjs --json`)
      expect([sound.code, JSON.parse(sound.stdout).errors]).toEqual([0, []])
    },
  )
})

describe('--only', () => {
  it.each(['run', 'fetch', 'plan', 'distribute'])(
    '%s takes one group of the config, or two',
    async (command) => {
      await call('fetch --config grouped.mjs')
      const names = async (options: string) => {
        const { stdout } = await call(`${command} --config grouped.mjs --json ${options}`)
        return JSON.parse(stdout).items.map(({ name }: { name: string }) => name)
      }
      expect(await names('--only test')).toEqual(['tool-test'])
      expect(await names('--only test --only build')).toEqual(['tool-build', 'tool-test'])
    },
  )

  it('suggests what may be meant', async () => {
    expect(await call('plan --config grouped.mjs --only tests')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error E_USAGE: nothing declared belongs to a section called "tests"\n  hint: did you mean "test"?\n',
    })
  })
})
