import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallOptions, VerifyProblem, VerifyResult } from '../cache.types.ts'
import { systemCode } from '../errors/error.ts'
import { hashFile } from './hash-file.ts'
import { recordKey, recordPath } from './records.ts'
import type { Store } from './store.ts'

// pkgcache's own, and what is no artifact
const NOT_ARTIFACTS = /^(\.pkgcache|reports|index\.yaml.*|\..*)$/
const TREE_DEPTH = 4

/** Re-hashes every artifact against its record on disk, and looks for files without one. */
export async function checkStore(store: Store, options: CallOptions): Promise<VerifyResult> {
  const { records, invalid } = await store.records.scan()
  const problems: VerifyProblem[] = invalid.map((name) => ({
    problem: 'invalid-record',
    file: `.pkgcache/records/${name}`,
  }))
  let bytes = 0
  for (const record of records.values()) {
    const item = recordKey(record)
    let done = 0
    const onBytes = (length: number) => {
      bytes += length
      done += length
      options.onProgress?.({ type: 'progress', item, stage: 'verify', done, total: record.size })
    }
    const actual = await hashOrMissing(store.fileOf(record), options.signal, onBytes)
    if (actual === record.sha256) continue
    const found = { file: recordPath(record), key: item, expected: record.sha256 }
    problems.push(
      actual === undefined ? { problem: 'missing', ...found } : { problem: 'corrupt', ...found, actual },
    )
  }
  const recorded = new Set([...records.values()].map(recordPath))
  for (const file of await artifactFiles(store.layout.root)) {
    if (!recorded.has(file)) problems.push({ problem: 'unindexed', file })
  }
  const bad = problems.some(({ problem }) => problem !== 'unindexed')
  return { checked: records.size, bytes, problems, exitCode: bad ? 3 : 0 }
}

async function hashOrMissing(
  file: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  try {
    return (await stat(file)).isFile() ? await hashFile(file, signal, onBytes) : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Paths of what lies in the places of artifacts: in the root, or four folders deep. */
export async function artifactFiles(root: string, folder = '', depth = 0): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  const files: string[] = []
  for (const entry of entries) {
    if (depth === 0 && NOT_ARTIFACTS.test(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory() && depth < TREE_DEPTH) files.push(...(await artifactFiles(root, path, depth + 1)))
    else if (entry.isFile() && (depth === TREE_DEPTH || path.endsWith('.tar.zst'))) files.push(path)
  }
  return files.sort()
}
