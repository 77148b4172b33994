import { createHash } from 'node:crypto'
import { afterEach } from 'vitest'
import fetchHttp from '../../../plugins/fetch-http/src/index.ts'
import formatTar from '../../../plugins/format-tar/src/index.ts'
import { createCache } from '../../src/cache.ts'
import type { Cache, CacheOptions } from '../../src/cache.types.ts'
import type { Config } from '../../src/config/types.ts'
import type { ExpectedDigest } from '../../src/model/digest.ts'
import type { PackageRequest } from '../../src/model/request.ts'
import type { Resolution } from '../../src/model/resolved.ts'
import type { ItemResult } from '../../src/model/run.ts'
import { defineSource, defineVerifier } from '../../src/plugins/define.ts'
import type { Plugin } from '../../src/plugins/types.ts'
import { smallTar } from '../../testing/archives.ts'
import { type HttpServer, startHttpServer } from '../../testing/http-server.ts'
import { rawTar } from '../../testing/raw-tar.ts'

const servers: HttpServer[] = []
const caches: Cache[] = []
afterEach(async () => {
  await Promise.all([
    ...caches.splice(0).map((cache) => cache.close()),
    ...servers.splice(0).map((server) => server.close()),
  ])
})

export const TAR = smallTar()
export const SHA256 = createHash('sha256').update(TAR).digest('hex')
export const pinned: ExpectedDigest = { algorithm: 'sha256', value: SHA256, origin: 'pinned', from: 'a pin' }
export const published: ExpectedDigest = { ...pinned, origin: 'checksum-file', from: 'https://x/SUMS' }

export async function upstream(): Promise<HttpServer> {
  const evil = rawTar([{ name: '../evil', content: 'x' }])
  const server = await startHttpServer({
    routes: {
      '/tool.tar': { content: TAR },
      '/tool v1.tar': { content: TAR },
      '/%zz.tar': { content: TAR },
      '/evil.tar': { content: evil },
      '/text': { content: 'no archive at all' },
    },
  })
  servers.push(server)
  return server
}

export type Answer = (request: PackageRequest) => Partial<Resolution> | undefined

/** A source of `tool`; `answer` changes what it says. */
export function source(server: HttpServer, answer: Answer = () => ({}), asked: string[] = []): Plugin {
  return defineSource({
    name: 'source-test',
    packages: ['tool', 'toolbox'],
    resolve(request) {
      asked.push(`${request.name}@${request.version}`)
      const { version, platform, arch } = request
      const changes = answer(request)
      const plain = { name: request.name, version: version.replace(/^v/, ''), platform, arch }
      return changes && { ...plain, urls: [`${server.url}/tool.tar`], digests: [], ...changes }
    },
  })()
}

/** What a checksum verifier says, without reading anything back. */
const verifier = defineVerifier({
  name: 'verify-test',
  verify: async ({ resolved }) =>
    resolved.digests.map(({ origin }) => ({
      ok: true,
      trust: origin === 'checksum-file' ? ('checksum-file' as const) : ('pinned' as const),
      summary: 'equal',
    })),
})

export async function open(
  store: string,
  plugins: readonly Plugin[],
  config: Config = {},
  options: CacheOptions = {},
): Promise<Cache> {
  const all = [...plugins, fetchHttp(), formatTar(), verifier()]
  const filled = { store, arch: 'amd64', packages: ['tool@1.0'], ...config, plugins: all }
  const cache = await createCache(filled, options)
  caches.push(cache)
  return cache
}

export function told(items: readonly ItemResult[]): string[] {
  return items.map((item) =>
    item.state === 'failed'
      ? `${item.key.name} failed ${item.error.code}: ${item.error.message}`
      : `${item.key.name}@${item.key.version} ${item.state} ${item.record.trust}`,
  )
}
