import { createHash } from 'node:crypto'
import { AsyncParallelHook } from 'tapable'
import { PkgcacheError } from '../src/errors/error.ts'
import type { ReportComparison } from '../src/model/comparison.ts'
import { keyId, type PackageKey } from '../src/model/names.ts'
import type { NodeSpec } from '../src/model/node.ts'
import type { StoreRecord } from '../src/model/record.ts'
import type { ItemResult, NodeResult, RunResult } from '../src/model/run.ts'
import type { Hooks, Plugin, PluginContext, RenderedReport, ReportRequest } from '../src/plugins/types.ts'

/** Name, version, format, trust, and bytes of the download, the stored file and the inner tar. */
const PACKAGES = [
  ['cni-plugins', '1.7.1', 'tar.gz', 'checksum-file', 52_100_000, 37_400_000, 98_300_000],
  ['containerd', '2.1.0', 'tar.gz', 'checksum-file', 33_400_000, 26_900_000, 87_200_000],
  ['crictl', '1.33.0', 'tar.gz', 'checksum-file', 19_300_000, 15_600_000, 40_100_000],
  ['helm', '3.18.2', 'tar.gz', 'checksum-file', 16_900_000, 13_800_000, 56_700_000],
  ['kubeadm', '1.33.1', 'binary', 'checksum-file', 74_000_000, 20_300_000, 74_001_920],
  ['kubectl', '1.33.1', 'binary', 'checksum-file', 60_100_000, 16_700_000, 60_102_144],
  ['kubelet', '1.33.1', 'binary', 'pinned', 81_300_000, 22_900_000, 81_302_016],
  ['nerdctl', '2.1.2', 'tar.gz', 'tofu', 11_500_000, 8_900_000, 29_400_000],
  ['runc', '1.3.0', 'binary', 'signed', 11_900_000, 3_900_000, 11_902_464],
] as const

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A record as a run commits it; `changes` overrides single fields. */
export function sampleRecord(changes: Partial<StoreRecord> = {}): StoreRecord {
  const { name = 'runc', version = '1.3.0', platform = 'linux', arch = 'amd64' } = changes
  const key = keyId({ name, version, platform, arch })
  const url = `https://dl.example/${name}/v${version}/${name}-${platform}-${arch}`
  return {
    schema: 1,
    name,
    version,
    platform,
    arch,
    request: sha256(`request ${key}`),
    source: 'source-kubernetes',
    url,
    served_by: url.replace('https://dl.example/', 'http://mirror.example:8080/'),
    format: 'binary',
    type: 'normalised',
    file: `${name}-${version}-${arch}.tar.zst`,
    size: 3_900_000,
    mtime_ns: '1763764200000000000',
    sha256: sha256(`stored ${key}`),
    source_size: 11_900_000,
    source_sha256: sha256(`source ${key}`),
    content_sha256: sha256(`content ${key}`),
    unpacked_size: 11_902_464,
    members: 1,
    trust: 'checksum-file',
    evidence: [
      {
        verifier: 'verify-checksum',
        trust: 'checksum-file',
        summary: 'the download has the SHA-256 that upstream publishes',
        from: `${url}.sha256sum`,
      },
      { verifier: 'core', summary: 'the stored file, read back, has the SHA-256 it was written with' },
    ],
    cached_at: '2025-11-21T22:30:05.000Z',
    ...changes,
  }
}

/** The nine Kubernetes packages for amd64 and arm64. */
export function sampleRecords(): StoreRecord[] {
  return PACKAGES.flatMap(([name, version, format, trust, sourceSize, size, unpackedSize]) =>
    ['amd64', 'arm64'].map((arch) => {
      const scale = arch === 'amd64' ? 1 : 0.93
      return sampleRecord({
        name,
        version,
        arch,
        format,
        trust,
        source_size: Math.round(sourceSize * scale),
        size: Math.round(size * scale),
        unpacked_size: Math.round(unpackedSize * scale),
        members: format === 'binary' ? 1 : 12,
      })
    }),
  )
}

/** The nodes of the sample runs. */
export const SAMPLE_NODES: readonly NodeSpec[] = [
  {
    name: 'control-1',
    host: '10.0.0.11',
    port: 22,
    user: 'core',
    root: '/usr/local/src',
    sudo: false,
    arch: 'amd64',
  },
  { name: 'worker-1', host: '10.0.0.21', user: 'core', root: '/usr/local/src', sudo: true },
]

function remotePath({ name, version, arch }: PackageKey): string {
  return `${name}/${name}-${version}-${arch}.tar.zst`
}

/** A run's result; `changes` overrides single fields. */
export function sampleResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    startedAt: '2025-11-21T22:30:00.000Z',
    finishedAt: '2025-11-21T22:30:42.500Z',
    store: '/root/.pkgcache/cache/packages',
    items: [],
    requirements: [],
    nodes: [],
    deliveries: [],
    removals: [],
    reports: [],
    errors: [],
    unchanged: false,
    exitCode: 0,
    ...changes,
  }
}

/** Every fourth package was cached before, the others are new. */
function asItem(record: StoreRecord, index: number): ItemResult {
  const { name, version, platform, arch } = record
  const key = { name, version, platform, arch }
  return index % 4 === 3
    ? { key, state: 'cached', record }
    : { key, state: 'published', record, fetchedBytes: record.source_size }
}

function asDelivery(node: NodeSpec, item: ItemResult): NodeResult[] {
  if (item.state === 'failed' || (node.arch !== undefined && node.arch !== item.key.arch)) return []
  const place = { node: node.name, key: item.key, remotePath: remotePath(item.key) }
  return item.state === 'cached'
    ? [{ ...place, state: 'present', sentBytes: 0 }]
    : [{ ...place, state: 'sent', sentBytes: item.record.size }]
}

/** A run in which all went well: 18 packages, 27 deliveries to two nodes of which one takes amd64 only. */
export function goodRun(): ReportRequest {
  const records = sampleRecords()
  const items = records.map(asItem)
  const deliveries = SAMPLE_NODES.flatMap((node) => items.flatMap((item) => asDelivery(node, item)))
  return { result: sampleResult({ items, nodes: SAMPLE_NODES, deliveries }), records }
}

function failed(key: PackageKey, error: PkgcacheError): ItemResult {
  return { key, state: 'failed', error }
}

function failuresOfItems(): ReadonlyMap<string, PkgcacheError> {
  const digest = new PkgcacheError(
    'E_DIGEST',
    `the download has SHA-256 ${sha256('got')}, upstream vouches for ${sha256('expected')}`,
    {
      hint: 'a mirror may serve other bytes than upstream; fetch the checksum file by hand and compare',
      stage: 'fetch',
      plugin: 'fetch-http',
    },
  )
  const notFound = new PkgcacheError(
    'E_NOT_FOUND',
    'http://mirror.example:8080/nerdctl/v2.1.2: 404 Not Found',
    {
      hint: 'check the version; upstream lists its releases',
      stage: 'resolve',
      plugin: 'source-kubernetes',
    },
  )
  return new Map([
    ['kubelet@1.33.1@linux@arm64', digest],
    ['nerdctl@2.1.2@linux@arm64', notFound],
  ])
}

/** The same run with two failed packages, one refused delivery and one report that could not be written. */
export function failingRun(): ReportRequest {
  const good = goodRun()
  const faults = failuresOfItems()
  const items = good.result.items.map((item) => {
    const error = faults.get(keyId(item.key))
    return error === undefined ? item : failed(item.key, error)
  })
  const full = new PkgcacheError('E_NODE_NOSPC', 'worker-1 has no room: 22.9 MB needed, 4.1 MB free', {
    hint: 'free some space below /usr/local/src, then run again: what has arrived is not sent twice',
    stage: 'distribute',
    plugin: 'transport-ssh',
  })
  const deliveries = good.result.deliveries
    .filter(({ key }) => !faults.has(keyId(key)))
    .map((delivery): NodeResult => {
      if (delivery.node !== 'worker-1' || keyId(delivery.key) !== 'kubelet@1.33.1@linux@amd64')
        return delivery
      const { node, key } = delivery
      return { node, key, state: 'failed', remotePath: remotePath(key), error: full }
    })
  const errors = [
    new PkgcacheError(
      'E_REPORT',
      'the report /srv/www/report.html cannot be written: read-only file system',
      {
        hint: 'choose another place with --output',
        stage: 'report',
        item: '/srv/www/report.html',
      },
    ),
  ]
  return {
    result: sampleResult({ items, nodes: SAMPLE_NODES, deliveries, errors, exitCode: 3 }),
    records: good.records.filter((record) => !faults.has(keyId(record))),
  }
}

/** A run over `count` cached packages and no node. */
export function largeRun(count: number): ReportRequest {
  const records = Array.from({ length: count }, (_, index) =>
    sampleRecord({ name: `package-${index}`, version: `1.${index % 40}.0`, size: 1000 + index }),
  )
  const items = records.map((record): ItemResult => ({ key: record, state: 'cached', record }))
  return { result: sampleResult({ items, unchanged: true }), records }
}

interface Tap {
  fn(input: unknown, ctx: Pick<PluginContext, 'signal'>): Promise<RenderedReport>
}

/** What core gives a reporter and takes from it, without a run around it. */
export async function renderReport(plugin: Plugin, request: ReportRequest): Promise<RenderedReport> {
  return render(plugin, 'report', request)
}

/** The same for a comparison of two reports. */
export async function renderComparison(
  plugin: Plugin,
  comparison: ReportComparison,
): Promise<RenderedReport> {
  return render(plugin, 'compare', comparison)
}

async function render(plugin: Plugin, hook: 'report' | 'compare', input: unknown): Promise<RenderedReport> {
  const hooks = {
    report: new AsyncParallelHook<[ReportRequest, PluginContext]>(['request', 'ctx']),
    compare: new AsyncParallelHook<[ReportComparison, PluginContext]>(['comparison', 'ctx']),
  }
  plugin.setup({ hooks: hooks as unknown as Hooks, suggest: () => undefined, locate: () => undefined })
  const [tap] = hooks[hook].taps as unknown as readonly Tap[]
  if (tap === undefined) throw new Error(`${plugin.name} taps no ${hook} hook`)
  return tap.fn(input, { signal: new AbortController().signal })
}
