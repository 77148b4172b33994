import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Declaration, PluginContext } from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declareSources } from '../src/declare.ts'
import { startUpstream, type Upstream } from './upstream.ts'

describe('sections of the options', () => {
  let upstream: Upstream
  let dir: string
  beforeAll(async () => {
    upstream = await startUpstream()
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-declare-'))
    const toolset = { apt: { cmd_packages: ['curl'] }, pwsh: { version: '7.4' } }
    await writeFile(join(dir, 'toolset-2404.json'), JSON.stringify(toolset))
    await writeFile(join(dir, 'broken-2404.json'), '{')
  })
  afterAll(async () => {
    await upstream.server.close()
    await rm(dir, { recursive: true, force: true })
  })

  /** Sections of the rows that were told of, and warnings. */
  async function declared(toolset: string, sections: readonly string[]) {
    const [rows, warnings]: [string[], string[]] = [[], []]
    const declaration: Declaration = {
      requests: [],
      add: () => {},
      require: ({ section }) => void rows.push(section),
      fail: () => {},
      frozen: false,
      dir,
      requireTrust: () => {},
    }
    const warn = (text: string) => void warnings.push(text)
    const ctx: PluginContext = { ...upstream.ctx, logger: { ...upstream.ctx.logger, warn } }
    await declareSources(declaration, ctx, { toolset, sections })
    return { rows, warnings }
  }

  it.each([
    ['one that is there', ['apt'], { rows: ['apt'], warnings: [] }],
    [
      'one that is not',
      ['apt', 'powershell'],
      { rows: ['apt'], warnings: ['nothing belongs to section "powershell"; there are apt, pwsh'] },
    ],
  ])('%s', async (_, sections, expected) => {
    expect(await declared('toolset-2404.json', sections)).toEqual(expected)
  })

  it('are not judged by a toolset that cannot be read', async () => {
    expect(await declared('broken-2404.json', ['apt'])).toEqual({ rows: [], warnings: [] })
  })
})
