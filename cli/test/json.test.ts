import { readFileSync } from 'node:fs'
import { type LockEntry, type LockResult, type NodesOverview, PkgcacheError, type Plan } from '@pkgcache/core'
import type { ReportDiff, ReportEntry, SoftwareReport } from '@pkgcache/source-runner-images/report'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { cli } from '../src/cli.ts'
import { lockLines } from '../src/commands/lock.ts'
import {
  failureDocument,
  indexDocument,
  listDocument,
  lockDocument,
  nodesDocument,
  planDocument,
  pluginsDocument,
  pruneDocument,
  runDocument,
  statsDocument,
  verifyDocument,
} from '../src/render/json.ts'
import { diffDocument, inspectDocument, renderDocument } from '../src/render/sources-json.ts'
import { cp1, helm, record, recorder, runc, runResult } from './kit.ts'

const error = new PkgcacheError('E_DIGEST', 'expected aa, got bb', { hint: 'ask upstream', faults: ['a'] })
const remotePath = '/usr/local/src/runc/runc-1.3.0-amd64.tar.zst'
const { content_sha256: _, ...kept } = record(helm)

const run = runResult({
  items: [
    { key: runc, state: 'published', record: record(runc), fetchedBytes: 5 },
    { key: runc, state: 'cached', record: record(runc), section: 'toolcache' },
    { key: helm, state: 'failed', error },
  ],
  requirements: [
    {
      from: 'toolset.json',
      section: 'toolcache',
      tool: 'Python',
      requested: '3.12.*',
      platform: 'win32',
      arch: 'x64',
      status: 'matched',
      inReport: true,
      reportName: 'Python',
      version: '3.12.10',
      evidence: 'manifest',
      url: 'https://example.com/python.zip',
      downloadable: true,
      key: runc,
    },
    {
      from: 'toolset.json',
      section: 'visualStudio',
      tool: 'x',
      requested: '',
      platform: 'win32',
      arch: 'x64',
      status: 'not-downloadable',
      downloadable: false,
      reason: 'comes through its installer',
    },
  ],
  nodes: [cp1, { name: 'usb', root: '/mnt', sudo: false }],
  deliveries: [
    { node: 'cp1', key: runc, state: 'sent', remotePath, sentBytes: 5 },
    { node: 'usb', key: runc, state: 'present', remotePath, sentBytes: 0 },
    { node: 'cp1', key: helm, state: 'failed', remotePath, error },
    { node: 'usb', key: helm, state: 'sent', remotePath, sentBytes: 0, via: 'cp1', onNode: 'done' },
    { node: 'usb', key: helm, state: 'skipped', remotePath },
    { node: 'usb', key: helm, state: 'fallback', remotePath, error },
    { node: 'usb', key: runc, state: 'fallback', error },
  ],
  removals: [{ node: 'cp1', remotePath: 'runc/old', bytes: 5 }],
  reports: [{ plugin: 'report-html', format: 'html', file: '/store/report.html' }],
  errors: [error],
  exitCode: 3,
})

const plan: Plan = {
  store: '/store',
  items: [
    { key: runc, action: 'fetch', downloadBytes: 5, url: 'https://example.com/', trust: 'pinned' },
    { key: runc, action: 'cached' },
    { key: helm, action: 'failed', error: { code: 'E_NOT_FOUND', message: 'no such file' } },
  ],
  deliveries: [
    { node: 'cp1', key: runc, action: 'unknown' },
    { node: 'cp1', key: helm, action: 'failed', error: { code: 'E_NODE', message: 'x', hint: 'y' } },
  ],
  errors: [error],
  downloadBytes: 5,
  exitCode: 1,
}

const entry: LockEntry = {
  name: 'runc',
  platform: 'linux',
  arch: 'amd64',
  request: '1.3.0',
  request_digest: 'd'.repeat(64),
  version: '1.3.0',
  source: 'source-kubernetes',
  urls: ['https://example.com/runc'],
  size: 5,
  sha256: 'a'.repeat(64),
  minimum_trust: 'checksum-file',
  evidence: [{ how: 'tofu' }],
}
const locked: LockResult = {
  file: '/p/pkgcache.lock',
  written: true,
  changes: [
    { key: runc, change: 'added', entry },
    { key: runc, change: 'updated', from: '1.2.0', entry },
    { key: runc, change: 'kept', from: '1.3.0', entry },
    { key: helm, change: 'removed', from: '3.18.0' },
    { key: helm, change: 'failed', error },
  ],
  errors: [error],
  exitCode: 3,
}

const stats = {
  store: '/store',
  packages: 1,
  sourceBytes: 1,
  storedBytes: 1,
  unpackedBytes: 2,
  ratio: 0.5,
  byTrust: { tofu: 1 },
  byPlatform: { 'linux/amd64': 1 },
}
const access = { lastAccess: [{ key: runc, at: '2026-01-02T03:04:05Z' }] }
const times = { oldest: '2026-01-02T03:04:05.678Z', newest: '2026-01-02T03:04:05.678Z' }
const problems = [
  { problem: 'corrupt', file: 'a', key: runc, expected: 'aa', actual: 'bb' },
  { problem: 'unindexed', file: 'b' },
] as const

const overview: NodesOverview = {
  nodes: [
    {
      node: 'cp1',
      arch: 'amd64',
      packages: [
        { key: runc, state: 'present', versions: ['1.2.0', '1.3.0'] },
        { key: runc, state: 'outdated', versions: ['1.2.0'] },
        { key: runc, state: 'missing', versions: [] },
        { key: helm, state: 'unknown', versions: [] },
      ],
      foreign: [{ remotePath: 'notes.txt', size: 5, delivered: false }],
    },
    { node: 'w1', packages: [{ key: helm, state: 'unknown', versions: [] }], foreign: [], error },
  ],
  errors: [error],
  exitCode: 1,
}

const rebuilt = { adopted: [runc], refused: [{ file: 'b', error }], packages: 1 }

const git: ReportEntry = {
  class: 'tool',
  name: 'Git',
  version: '2.1',
  raw: '2.1',
  section: ['Tools'],
  path: '$',
}
const jdk: ReportEntry = {
  ...git,
  class: 'java',
  version: null,
  versions: ['1', '2'],
  arch: 'x64',
  major: '17',
}
const report: SoftwareReport = {
  file: 'r.json',
  image: { name: 'Ubuntu 24.04', version: null, platform: 'linux', arch: null },
  root: { kind: 'header', title: 'Ubuntu 24.04', children: [], path: '$' },
  entries: [git, jdk, { ...git, class: 'docker-image', digest: 'sha256:aa' }],
  faults: [error],
}
const NO_CHANGES = { added: [], removed: [], changed: [] }
const difference: ReportDiff = {
  old: report,
  new: report,
  entries: { added: [git], removed: [jdk], changed: [{ old: git, new: jdk }] },
  nodes: NO_CHANGES,
}

/** Every document in every shape it can take, by the name of its schema. */
const DOCUMENTS: readonly (readonly [schema: string, what: string, document: unknown])[] = [
  ['cli-run', 'of a run with everything in it', runDocument('run', run, 3)],
  ['cli-run', 'of an empty run', runDocument('ensure', runResult({ unchanged: true }), 0)],
  ['cli-plan', 'of a plan', planDocument(plan)],
  [
    'cli-plan',
    'of a plan with a lock file',
    planDocument({ ...plan, items: [{ key: runc, action: 'cached', locked: true }] }),
  ],
  ['cli-nodes', 'of nodes', nodesDocument(overview)],
  ['cli-nodes', 'of no nodes', nodesDocument({ nodes: [], errors: [], exitCode: 0 })],
  ['cli-lock', 'of every change', lockDocument(locked)],
  [
    'cli-lock',
    'of nothing',
    lockDocument({ file: '/p/pkgcache.lock', written: false, changes: [], errors: [], exitCode: 0 }),
  ],
  ['cli-list', 'of two records', listDocument('/store', [record(runc), { ...kept, type: 'kept' }])],
  ['cli-stats', 'of an empty store', statsDocument({ ...stats, lastAccess: [] })],
  ['cli-stats', 'of a store', statsDocument({ ...stats, ...times, ...access })],
  ['cli-index', 'of a rebuilt index', indexDocument('/store', '/store/index.yaml', rebuilt, 3)],
  ['cli-verify', 'of problems', verifyDocument('/store', { checked: 1, bytes: 5, problems, exitCode: 3 })],
  [
    'cli-prune',
    'of a removal',
    pruneDocument(
      '/store',
      { removed: [{ key: runc, file: 'a', bytes: 5, reason: 'old' }], bytes: 5, kept: 1 },
      true,
    ),
  ],
  [
    'cli-plugins',
    'of plugins',
    pluginsDocument([
      { name: 'a', hooks: ['fetch'], enforce: 'pre' },
      { name: 'b', hooks: [] },
    ]),
  ],
  ['cli-sources-inspect', 'of a report with everything in it', inspectDocument(report, 1)],
  ['cli-sources-inspect', 'of an empty report', inspectDocument({ ...report, entries: [], faults: [] }, 0)],
  ['cli-sources-render', 'on stdout', renderDocument(report, '# x', null, 1)],
  ['cli-sources-render', 'in a file', renderDocument(report, '# x', '/a.md', 1)],
  ['cli-sources-diff', 'of every change', diffDocument(difference, '# x', null, 1)],
  ['cli-sources-diff', 'of none', diffDocument({ ...difference, entries: NO_CHANGES }, '# x', '/a.md', 0)],
  ['cli-error', 'of an error', { error: failureDocument(error) }],
]

function validator(name: string) {
  const text = readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8')
  return new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(JSON.parse(text))
}

/** Every object in a document, as paths. */
function objectPaths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.entries(value).flatMap(([key, member]) => objectPaths(member, [...path, key]))
  return Array.isArray(value) ? below : [path, ...below]
}

function withExtra(document: unknown, path: readonly string[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(document))
  const target = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], copy)
  Object.assign(target as object, { surprise: 'x' })
  return copy
}

describe('JSON documents', () => {
  it.each(DOCUMENTS)('%s %s', (schema, _what, document) => {
    const validate = validator(schema)
    validate(JSON.parse(JSON.stringify(document)))
    expect(validate.errors).toBeNull()
  })

  it.each(DOCUMENTS)('%s %s: the schema lets nothing else in', (schema, _what, document) => {
    const validate = validator(schema)
    const open = objectPaths(document).filter((path) => validate(withExtra(document, path)))
    expect(open).toEqual([])
  })
})

describe('the document of nodes', () => {
  it('counts what is asked for on the nodes that answered, and those that did not', () => {
    const { nodes: _nodes, errors, ...counts } = nodesDocument(overview)
    expect(counts).toEqual({ exit_code: 1, present: 1, outdated: 1, missing: 1, unknown: 1, down: 1 })
    expect(errors).toEqual([failureDocument(error)])
  })
})

describe('the document of a run', () => {
  it('says who sent what, and what was removed', () => {
    const { deliveries, removals } = runDocument('run', run, 3)
    const key = { name: 'helm', version: '3.18.0', platform: 'linux', arch: 'arm64' }
    const common = { node: 'usb', ...key, remote_path: remotePath }
    expect(deliveries.slice(3, 6)).toEqual([
      { ...common, state: 'sent', sent_bytes: 0, via: 'cp1', on_node: 'done' },
      { ...common, state: 'skipped' },
      { ...common, state: 'fallback', error: failureDocument(error) },
    ])
    expect(removals).toEqual([{ node: 'cp1', remote_path: 'runc/old', bytes: 5 }])
  })
})

describe('what lock says', () => {
  it('is a table of what changed, and a line that sums it up', () => {
    expect(lockLines(locked)).toEqual([
      'PACKAGE                  CHANGE   VERSION        SHA256',
      `runc@1.3.0 linux/amd64   added    1.3.0          ${entry.sha256}`,
      `runc@1.3.0 linux/amd64   updated  1.2.0 → 1.3.0  ${entry.sha256}`,
      'helm@3.18.0 linux/arm64  removed  3.18.0',
      '',
      '5 packages: 1 added, 1 updated, 1 removed, 1 kept, 1 failed. Wrote /p/pkgcache.lock',
    ])
  })
})

describe('a wrong command line', () => {
  async function call(line: string) {
    const { written, stdout, stderr } = recorder()
    const signal = new AbortController().signal
    const code = await cli(line.split(' '), { stdout, stderr, env: {}, cwd: '/', version: '1.2.3', signal })
    return { code, ...written }
  }

  it('is told on stderr, with exit code 2', async () => {
    expect(await call('rum')).toEqual({
      code: 2,
      stdout: '',
      stderr: "error E_USAGE: unknown command 'rum'\n  hint: Did you mean run? See pkgcache --help\n",
    })
  })

  it('is one JSON document with --json', async () => {
    const { code, stdout } = await call('prune --json')
    const validate = validator('cli-error')
    expect([code, validate(JSON.parse(stdout)), JSON.parse(stdout).error.code]).toEqual([2, true, 'E_USAGE'])
  })

  it('leaves help and version to exit code 0', async () => {
    expect(await call('help run')).toMatchObject({ code: 0, stderr: '' })
    expect(await call('run --help --json')).toMatchObject({ code: 0, stderr: '' })
  })
})
