import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startHttpProxy, startHttpServer } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { selfSigned } from './support.ts'

const CHILD = fileURLToPath(new URL('./fixtures/fetch-one.ts', import.meta.url))

/** A process of its own that fetches one file and says what then keeps it alive; it has to end by itself. */
async function child(url: string, env: Record<string, string>): Promise<unknown> {
  const options = { env: { PATH: process.env.PATH, ...env }, timeout: 50_000 }
  const args = ['--conditions=@pkgcache/source', '--import', 'jiti/register', CHILD, url]
  const { stdout } = await promisify(execFile)(process.execPath, args, options)
  return JSON.parse(stdout)
}

describe('a process that fetches one file', () => {
  it('trusts NODE_EXTRA_CA_CERTS, goes through the proxy and is not kept alive', async () => {
    const pair = selfSigned()
    const secure = await startHttpServer({ tls: pair, routes: { '/tool': { content: 'secure' } } })
    const plain = await startHttpServer({ routes: { '/tool': { content: 'plain' } } })
    const proxy = await startHttpProxy()
    try {
      const ca = { NODE_EXTRA_CA_CERTS: pair.file }
      expect(await Promise.all([child(`${secure.url}/tool`, ca), child(`${plain.url}/tool`, {})])).toEqual([
        { text: 'secure', alive: [] },
        { text: 'plain', alive: [] },
      ])
      const through = { ...ca, HTTPS_PROXY: proxy.url }
      expect(await child(`${secure.url}/tool`, through)).toEqual({ text: 'secure', alive: [] })
      expect(proxy.requests).toHaveLength(1)
    } finally {
      await Promise.all([secure.close(), plain.close(), proxy.close()])
      pair.remove()
    }
  })
})
