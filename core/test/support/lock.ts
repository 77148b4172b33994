import { parseLockFile } from '../../src/lockfile/read.ts'
import type { LockEntry } from '../../src/model/lock.ts'
import { Schemas } from '../../src/schemas.ts'

/** An entry as simple as can be. */
export const ENTRY: LockEntry = {
  name: 'tool',
  platform: 'linux',
  arch: 'amd64',
  request: '1.10',
  request_digest: 'd'.repeat(64),
  version: '1.10',
  source: 'source-test',
  urls: ['https://dl.example/tool.tar'],
  size: 1234,
  sha256: `${'a'.repeat(63)}1`,
  minimum_trust: 'tofu',
  evidence: [{ how: 'tofu' }],
}

const schemas = new Schemas()

/** What a lock file with this text holds. */
export function parsed(text: string): LockEntry[] {
  return parseLockFile(text, '/p/pkgcache.lock', schemas)
}
