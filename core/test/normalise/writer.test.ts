import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompress } from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ArchiveWriter, PackWorkers, withArchiveWriter } from '../../src/normalise/archive-writer.ts'
import { repack } from '../../src/normalise/repack.ts'
import { mountSmallDisk, type SmallDisk, smallDiskAvailable } from '../../testing/disk.ts'
import { leftOut } from '../../testing/left-out.ts'
import { rawTar } from '../../testing/raw-tar.ts'
import { faultLine, faultOf } from '../support/fault.ts'
import { inChunks } from '../support/repack.ts'
import { tempFolders } from '../support/temp.ts'

const MiB = 1 << 20
const folder = tempFolders()
const workers = new PackWorkers()
afterAll(() => workers.close())

async function content(file: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of zstdDecompress(inChunks(readFileSync(file), MiB))) parts.push(part)
  return Buffer.concat(parts)
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('an archive writer', () => {
  it('keeps the order of what was written before the worker had room', async () => {
    const file = join(folder(), 'a')
    const bytes = randomBytes(9 * MiB + 12_345)
    // 9 MiB at once: more than the six batches there are, so the rest has to wait aside
    const written = await withArchiveWriter(workers, file, async (writer) => {
      for (let at = 0; at < bytes.length; at += 100_000) writer.write(bytes.subarray(at, at + 100_000))
      await writer.drain()
    })
    const stored = readFileSync(file)
    expect(written).toEqual({
      size: stored.length,
      unpackedSize: bytes.length,
      sha256: sha256(stored),
      contentSha256: sha256(bytes),
    })
    expect((await content(file)).equals(bytes)).toBe(true)
  })

  it('holds back until there is room', async () => {
    const file = join(folder(), 'a')
    await withArchiveWriter(workers, file, async (writer) => {
      writer.write(randomBytes(20 * MiB))
      await writer.drain()
      // all but what fits in the batches has gone to the worker
      writer.write(randomBytes(MiB))
      await writer.drain()
    })
    expect((await content(file)).length).toBe(21 * MiB)
  })

  it('copies what it is given', async () => {
    const file = join(folder(), 'a')
    await withArchiveWriter(workers, file, async (writer) => {
      const reused = Buffer.from('first ')
      writer.write(reused)
      reused.write('second')
      writer.write(reused)
    })
    expect((await content(file)).toString()).toBe('first second')
  })

  it('gives the same file for any batches', async () => {
    const bytes = Buffer.alloc(3 * MiB, 'some text that repeats itself. ')
    const digests = new Set<string>()
    for (const size of [1000, MiB, 3 * MiB]) {
      const { sha256 } = await withArchiveWriter(workers, join(folder(), 'a'), async (writer) => {
        for (let at = 0; at < bytes.length; at += size) writer.write(bytes.subarray(at, at + size))
        await writer.drain()
      })
      digests.add(sha256)
    }
    expect(digests.size).toBe(1)
  })

  it('passes on what fails in the middle, and works on afterwards', async () => {
    const failing = withArchiveWriter(workers, join(folder(), 'a'), async (writer) => {
      writer.write(randomBytes(3 * MiB))
      await writer.drain()
      throw new Error('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    const { unpackedSize } = await withArchiveWriter(workers, join(folder(), 'b'), async (writer) => {
      writer.write(Buffer.from('fine'))
    })
    expect(unpackedSize).toBe(4)
  })

  it('never writes over a file', async () => {
    const file = join(folder(), 'a')
    writeFileSync(file, 'mine')
    const writing = () => withArchiveWriter(workers, file, async (writer) => writer.write(Buffer.from('x')))
    expect(await faultLine(writing)).toMatch(/^E_STORE: EEXIST/)
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('ends when its worker is ended', async () => {
    const own = new PackWorkers()
    const writer = new ArchiveWriter(await own.take(), join(folder(), 'a'))
    await own.close()
    writer.write(randomBytes(8 * MiB))
    expect(await faultLine(() => writer.drain())).toBe('E_ABORTED: the worker was ended')
    expect(await writer.abort()).toBe(false)
  })
})

describe('repacking that is cancelled', () => {
  it('ends with the archive removed', async () => {
    const file = join(folder(), 'a')
    const controller = new AbortController()
    const tar = rawTar([{ name: 'x', content: randomBytes(4 * MiB) }])
    const stopAt = (bytes: number) => {
      if (bytes > 2 * MiB) controller.abort()
    }
    const repacking = repack({ format: 'tar', tar: inChunks(tar, 1 << 16) }, workers, {
      file,
      sourceBytes: tar.length,
      signal: controller.signal,
      onProgress: stopAt,
    })
    await expect(repacking).rejects.toMatchObject({ name: 'AbortError' })
    expect(existsSync(file)).toBe(false)
  })
})

const noDisk = leftOut('core: a full disk', smallDiskAvailable())
describe.skipIf(noDisk)('a full disk', () => {
  let disk: SmallDisk
  beforeAll(() => {
    disk = mountSmallDisk(MiB)
  })
  afterAll(() => disk.remove())

  it('is told as such, and nothing is left on it', async () => {
    const file = join(disk.path, 'a')
    const tar = rawTar([{ name: 'x', content: randomBytes(8 * MiB) }])
    const fault = await faultOf(() =>
      repack({ format: 'tar', tar: inChunks(tar, MiB) }, workers, {
        file,
        sourceBytes: tar.length,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
    )
    expect([fault.code, fault.exitCode]).toEqual(['E_NOSPC', 1])
    expect(fault.hint).toBe(
      'free some space or raise the limit, then run again; nothing half-written is kept as whole',
    )
    expect(existsSync(file)).toBe(false)
  })

  it('is told as such when only the last bytes do not fit', async () => {
    const file = join(disk.path, 'b')
    const tar = rawTar([{ name: 'x', content: randomBytes(MiB) }])
    const fault = await faultOf(() =>
      repack({ format: 'tar', tar: inChunks(tar, MiB) }, workers, {
        file,
        sourceBytes: tar.length,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
    )
    expect(fault.code).toBe('E_NOSPC')
    expect(existsSync(file)).toBe(false)
  })
})

describe('a worker that died', () => {
  it('is given back without waiting for it', async () => {
    const own = new PackWorkers()
    const worker = await own.take()
    await worker.terminate()
    await own.give(worker, false)
    await own.close()
    expect(worker.threadId).toBe(-1)
  })
})
