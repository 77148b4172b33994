import { createHash } from 'node:crypto'
import { lstat, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AdoptResult } from '../cache.types.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId, type PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { ArchiveLimits } from '../normalise/policy.ts'
import { makeFolder, PUBLIC_FOLDER } from '../store/atomic.ts'
import { artifactFiles } from '../store/check.ts'
import { hashFile } from '../store/hash-file.ts'
import { artifactPath, type Placed, placedAt } from '../store/layout.ts'
import { recordKey, recordPath } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { inspectArchive } from './inspect.ts'

export interface AdoptOptions {
  readonly limits: ArchiveLimits
  readonly signal: AbortSignal
}

/**
 * Makes records for artifacts that have none: those of an older cache, or of a store whose records were lost. Each is
 * hashed, and each archive is read through the policy as if it had just been fetched, since nodes will unpack it.
 * Nobody vouches for them: they are `unverified` until a run fetches them anew.
 */
export async function adoptFiles(store: Store, options: AdoptOptions): Promise<AdoptResult> {
  const { records } = await store.records.scan()
  const recorded = new Set([...records.values()].map(recordPath))
  const adopted: StoreRecord[] = []
  const refused: { file: string; error: PkgcacheError }[] = []
  for (const file of await artifactFiles(store.layout.root)) {
    if (recorded.has(file)) continue
    try {
      adopted.push(await adoptFile(file, store, options))
    } catch (thrown) {
      if (options.signal.aborted) throw thrown
      refused.push({ file, error: toPkgcacheError(thrown, 'E_STORE').at({ item: file }) })
    }
  }
  return { adopted: adopted.map(recordKey), refused }
}

async function adoptFile(file: string, store: Store, options: AdoptOptions): Promise<StoreRecord> {
  const placed = placedAt(file)
  if (placed === undefined) {
    throw new PkgcacheError('E_NAME', 'has a name that says neither package nor version', {
      hint: 'a flat file is called <name>-<version>-<arch>.tar.zst; `pkgcache run` brings packages by their config',
    })
  }
  const release = await store.locks.key(keyId(placed.key), options.signal)
  try {
    if (await store.records.get(placed.key)) {
      throw new PkgcacheError('E_STORE', 'is a second file of a package that has a record', {
        hint: 'remove it if nobody needs it',
      })
    }
    return await record(file, placed, store, options)
  } finally {
    await release()
  }
}

async function record(
  file: string,
  placed: Placed,
  store: Store,
  options: AdoptOptions,
): Promise<StoreRecord> {
  const { key, keptName } = placed
  const found = join(store.layout.root, file)
  const info = await lstat(found, { bigint: true })
  const sha256 = await hashFile(found, options.signal)
  const inside = keptName === undefined ? await inspectArchive(found, options) : undefined
  const path = artifactPath(key, keptName)
  if (path !== file) await moveTo(found, join(store.layout.root, path))
  const made: StoreRecord = {
    ...unknownOrigin(key),
    format: inside ? 'tar.zst' : 'file',
    type: inside ? 'normalised' : 'kept',
    file: path,
    size: Number(info.size),
    mtime_ns: String(info.mtimeNs),
    sha256,
    source_size: Number(info.size),
    source_sha256: sha256,
    ...(inside && { content_sha256: inside.contentSha256 }),
    unpacked_size: inside?.unpackedSize ?? Number(info.size),
    members: inside?.members ?? 0,
    cached_at: new Date(Number(info.mtimeMs)).toISOString(),
  }
  await store.update(made)
  return made
}

/** What a record says where nothing is known but the package. */
function unknownOrigin(key: PackageKey) {
  return {
    schema: 1,
    ...key,
    request: createHash('sha256')
      .update(`adopted ${keyId(key)}`)
      .digest('hex'),
    source: 'adopted',
    url: 'unknown',
    served_by: 'unknown',
    trust: 'unverified',
    evidence: [{ verifier: 'core', summary: 'found in the store without a record; nobody vouches for it' }],
  } as const
}

/** `kubelet-v1.33.1-amd64.tar.zst` is called `kubelet-1.33.1-amd64.tar.zst` here. */
async function moveTo(from: string, to: string): Promise<void> {
  const taken = await lstat(to).catch(() => undefined)
  if (taken !== undefined) throw new PkgcacheError('E_STORE', `is called ${to} here, which is there already`)
  await makeFolder(dirname(to), PUBLIC_FOLDER)
  await rename(from, to)
}
