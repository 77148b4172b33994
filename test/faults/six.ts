import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HttpFault, type HttpServer, rawTar, startHttpServer } from '@pkgcache/core/testing'
import type { Config, PackageConfig } from 'pkgcache'
import { noise } from './stand.ts'

/** Six packages with checksum files on one upstream, and a folder with a config for them. */
export interface Six {
  readonly dir: string
  readonly server: HttpServer
  /** Its `store` is new each time `renew` is called. */
  readonly config: () => Config & { store: string }
  /** Bytes of all six downloads. */
  readonly bytes: number
  /** Another, empty store. */
  renew(): Promise<void>
  remove(): Promise<void>
}

/** @param always how upstream sends each of the six */
export async function serveSix(sizes: readonly number[], always: HttpFault = {}): Promise<Six> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-six-'))
  const server = await startHttpServer()
  let bytes = 0
  const packages = sizes.map((size, index): PackageConfig => {
    const name = `six-${'abcdef'[index]}`
    const content = rawTar([{ name: 'data', content: noise(name, size) }])
    const path = `/${name}/1.0.0/${name}.tar`
    bytes += content.length
    server.route(path, { content, always })
    const sha256 = createHash('sha256').update(content).digest('hex')
    server.route(`${path}.sha256`, { content: `${sha256}  ${name}.tar\n` })
    const url = `${server.url}/{name}/{version}/{name}.tar`
    return { name, version: '1.0.0', url, checksumUrl: `${url}.sha256` }
  })
  let generation = 0
  const config = () => ({ store: join(dir, `store-${generation}`), arch: 'amd64', packages })
  const renew = async () => {
    generation++
    await writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify(config()))
  }
  await renew()
  return {
    dir,
    server,
    config,
    bytes,
    renew,
    remove: async () => {
      await server.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Bytes of bodies that upstream has handed out since a request. */
export function servedSince(server: HttpServer, first: number): number {
  return server.requests
    .slice(first)
    .reduce((sum, { path, bytes }) => sum + (path.endsWith('.tar') ? bytes : 0), 0)
}
