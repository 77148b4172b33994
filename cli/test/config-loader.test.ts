import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, PkgcacheError } from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_MODULES, loadModule } from '../src/config-loader.ts'

const dir = mkdtempSync(join(tmpdir(), 'pkgcache-config-'))
const home = process.env.PKGCACHE_HOME

beforeAll(() => {
  process.env.PKGCACHE_HOME = join(dir, 'home')
})

afterAll(() => {
  if (home === undefined) delete process.env.PKGCACHE_HOME
  else process.env.PKGCACHE_HOME = home
  rmSync(dir, { recursive: true })
})

function write(name: string, text: string): string {
  const file = join(dir, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return file
}

describe('config modules', () => {
  it.each(['a/c.ts', 'a/c.mts', 'a/c.mjs'])(
    '%s uses the host’s own instances, with nothing installed',
    async (name) => {
      const file = write(
        name,
        `import { definePlugin, PkgcacheError } from '@pkgcache/core'\nexport default { definePlugin, PkgcacheError }`,
      )
      expect(await loadModule(file)).toEqual({ definePlugin, PkgcacheError })
    },
  )

  it('takes what TypeScript has and Node 20 has not', async () => {
    write('b/other.ts', `export enum Arch { Amd = 'amd64' }`)
    const text = `import { Arch } from './other.js'
      const packages: string[] = await Promise.resolve(['runc@1.3.0'])
      export default { arch: Arch.Amd, packages } satisfies object`
    expect(await loadModule(write('b/c.ts', text))).toEqual({ arch: 'amd64', packages: ['runc@1.3.0'] })
  })

  it('takes plugins of the project’s own, from its node_modules and from files', async () => {
    write('d/node_modules/acme/package.json', '{ "type": "module", "exports": "./i.js" }')
    write('d/node_modules/acme/i.js', 'export default () => "acme"')
    write('d/own.mjs', `import { formatBytes } from '@pkgcache/core'\nexport default () => formatBytes(1500)`)
    const text = `import acme from 'acme'\nimport own from './own.mjs'\nexport default [acme(), own()]`
    expect(await loadModule(write('d/c.ts', text))).toEqual(['acme', '1.5 kB'])
  })

  it('keeps what it compiled from others: a config may hold tokens', async () => {
    const compiled = join(dir, 'home', 'cache', 'config')
    chmodSync(compiled, 0o755)
    await loadModule(write('g/c.ts', `export default 'token' as string`))
    expect(statSync(compiled).mode & 0o777).toBe(0o700)
    expect(statSync(join(compiled, '..')).mode & 0o777).toBe(0o777 & ~process.umask())
  })

  it('says where a syntax error is', async () => {
    await expect(loadModule(write('e/c.ts', 'export default {\n  a: = 1 }'))).rejects.toThrow(/e\/c\.ts:2:/)
  })

  it('can import every plugin of the command', async () => {
    const names = HOST_MODULES.filter((name) => /^@pkgcache\/[^/]+$/.test(name) && name !== '@pkgcache/core')
    const text = `${names.map((name, n) => `import p${n} from '${name}'`).join('\n')}
      export default [${names.map((_, n) => `typeof p${n}`).join(', ')}]`
    expect(await loadModule(write('f/c.ts', text))).toEqual(names.map(() => 'function'))
  })

  it('can import what a plugin has for others', async () => {
    const text = `import { readReport } from '@pkgcache/source-runner-images/report'
      import { versionsManifest } from '@pkgcache/source-runner-images/resolvers'
      import { readSourceList } from '@pkgcache/source-runner-images/sources'
      export default [readReport.name, versionsManifest.name, readSourceList.name]`
    expect(await loadModule(write('h/c.ts', text))).toEqual([
      'readReport',
      'versions-manifest',
      'readSourceList',
    ])
  })
})
