import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/model/run.ts'
import { defineSource } from '../../src/plugins/define.ts'
import { open, source, TAR, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

describe('a run', () => {
  it('tells what happens, in order', async () => {
    const [store, server] = [folder(), await upstream()]
    const events: RunEvent[] = []
    await (await open(store, [source(server)])).run({ onProgress: (event) => void events.push(event) })
    const stages = events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []))
    expect(stages).toEqual(['resolve', 'fetch', 'normalise', 'verify'])
    expect(events.flatMap(({ type }) => (type === 'items' || type === 'item' ? [type] : []))).toEqual([
      'items',
      'item',
    ])
  })

  it('that is cancelled publishes nothing and leaves nothing', async () => {
    const [store, server] = [folder(), await upstream()]
    server.route('/tool.tar', { content: TAR, always: { stallAfter: 1000 } })
    const controller = new AbortController()
    const running = (await open(store, [source(server)])).run({
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'stage' && event.stage === 'fetch') setTimeout(() => controller.abort(), 50)
      },
    })
    const { items, exitCode } = await running
    expect([told(items), exitCode]).toEqual([['tool failed E_ABORTED: cancelled'], 130])
    expect(readdirSync(join(store, '.pkgcache/records'))).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/tmp'))).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/locks'))).toEqual([])
  })

  it('masks secrets in what fails', async () => {
    const [store, server] = [folder(), await upstream()]
    const leaky = defineSource<{ readonly token: string }>({
      name: 'source-leaky',
      schema: { type: 'object', properties: { token: { type: 'string' } } },
      resolve(_request, _ctx, { token }) {
        throw new Error(`GET https://me:${token}@host/?k=${token} failed`)
      },
    })
    const { items } = await (await open(store, [leaky({ token: 'top-secret-1' }), source(server)])).run()
    const [item] = items
    expect(item?.state === 'failed' && item.error.message).toBe('GET https://***@host/?k=*** failed')
    expect(JSON.stringify(item)).not.toContain('top-secret-1')
    expect(item?.state === 'failed' && String(item.error.stack)).not.toContain('top-secret-1')
  })

  it('of ten caches at once makes one download', async () => {
    const [store, server] = [folder(), await upstream()]
    const all = await Promise.all(Array.from({ length: 10 }, () => open(store, [source(server)])))
    const results = await Promise.all(all.map((cache) => cache.run()))
    expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(10).fill(0))
    expect(server.requests.length).toBe(1)
  })
})
