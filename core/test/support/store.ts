import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageKey } from '../../src/model/names.ts'
import type { StoreRecord } from '../../src/model/record.ts'
import { Schemas } from '../../src/schemas.ts'
import { uniqueName } from '../../src/store/atomic.ts'
import { type RecordDraft, Store } from '../../src/store/store.ts'

export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

export function draft(
  key: Partial<PackageKey>,
  content: string,
  more: Partial<StoreRecord> = {},
): RecordDraft {
  const { file: _, mtime_ns: __, ...rest } = more
  return {
    schema: 1,
    name: 'tool',
    version: '1.0.0',
    platform: 'linux',
    arch: 'amd64',
    ...key,
    request: sha256('request'),
    source: 'source-test',
    url: 'https://upstream.example/tool.tar.gz',
    served_by: 'https://mirror.example/tool.tar.gz',
    format: 'tar.gz',
    type: 'normalised',
    size: Buffer.byteLength(content),
    sha256: sha256(content),
    source_size: 7,
    source_sha256: sha256('source'),
    content_sha256: sha256('content'),
    unpacked_size: 10_240,
    members: 1,
    trust: 'tofu',
    evidence: [],
    cached_at: '2026-01-02T03:04:05.000Z',
    ...rest,
  }
}

/** A store at `root` whose log is kept. */
export function openStore(root: string): { store: Store; lines: string[] } {
  const lines: string[] = []
  const store = new Store(root, new Schemas(), (level, message) => void lines.push(`${level} ${message}`))
  return { store, lines }
}

/** Publishes `content` under a key, as the pipeline does after verify. */
export async function publish(
  store: Store,
  key: Partial<PackageKey>,
  content = 'content of tool',
  more: Partial<StoreRecord> = {},
  keptName?: string,
): Promise<StoreRecord> {
  await store.prepare()
  const staged = join(store.layout.tmp, uniqueName('staged'))
  writeFileSync(staged, content, { mode: 0o600 })
  return store.publish(draft(key, content, more), staged, keptName)
}

export function inSignal(ms = 30_000): AbortSignal {
  return AbortSignal.timeout(ms)
}
