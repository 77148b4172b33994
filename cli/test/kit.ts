import type { NodeSpec, PackageKey, RunResult, StoreRecord } from '@pkgcache/core'
import { Output, type OutputOptions } from '../src/output.ts'

/** An Output whose two streams end up in strings. */
export function recorder(options: OutputOptions = {}, env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text
    },
  })
  const stdout = sink('stdout')
  const stderr = sink('stderr')
  return { written, stdout, stderr, output: new Output(stdout, stderr, env, options) }
}

export const runc: PackageKey = { name: 'runc', version: '1.3.0', platform: 'linux', arch: 'amd64' }
export const helm: PackageKey = { name: 'helm', version: '3.18.0', platform: 'linux', arch: 'arm64' }
export const cp1: NodeSpec = { name: 'cp1', host: '10.0.0.11', root: '/usr/local/src', sudo: false }

export function record(key: PackageKey): StoreRecord {
  return {
    schema: 1,
    ...key,
    request: 'r',
    source: 'source-kubernetes',
    url: `https://example.com/${key.name}`,
    served_by: `http://mirror/${key.name}`,
    format: 'binary',
    type: 'normalised',
    file: `${key.name}-${key.version}-${key.arch}.tar.zst`,
    size: 3_900_000,
    mtime_ns: '1',
    sha256: 'a'.repeat(64),
    source_size: 11_000_000,
    source_sha256: 'b'.repeat(64),
    content_sha256: 'c'.repeat(64),
    unpacked_size: 11_001_000,
    members: 1,
    trust: 'checksum-file',
    evidence: [],
    cached_at: '2026-01-02T03:04:05.678Z',
  }
}

export function runResult(fields: Partial<RunResult>): RunResult {
  return {
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:04:17.000Z',
    store: '/store',
    items: [],
    requirements: [],
    nodes: [],
    deliveries: [],
    removals: [],
    reports: [],
    errors: [],
    unchanged: false,
    exitCode: 0,
    ...fields,
  }
}
