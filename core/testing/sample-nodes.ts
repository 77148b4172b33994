import { PkgcacheError } from '../src/errors/error.ts'
import type { PackageKey } from '../src/model/names.ts'
import type { NodeSpec } from '../src/model/node.ts'
import type { ItemResult, NodeResult } from '../src/model/run.ts'
import type { ReportRequest } from '../src/plugins/types.ts'
import { sampleRecord, sampleResult } from './samples.ts'

const NODES: readonly NodeSpec[] = ['cp-1', 'worker-1', 'worker-2', 'worker-3', 'worker-4'].map(
  (name, n) => ({
    name,
    host: `10.0.0.${11 + n}`,
    root: '/usr/local/src',
    sudo: true,
    arch: 'amd64',
    groups: [name.startsWith('cp') ? 'control' : 'workers'],
  }),
)

const RECORDS = [
  sampleRecord({ name: 'containerd', version: '2.1.0', size: 26_900_000 }),
  sampleRecord({ name: 'kubelet', version: '1.33.1', size: 22_900_000 }),
  sampleRecord(),
]
const NERDCTL: PackageKey = { name: 'nerdctl', version: '2.1.2', platform: 'linux', arch: 'amd64' }

/** What the deliveries below say of each package, by node; `-`: it is for others. */
const ENDS: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'cp-1': ['present', '-', 'sent', '-'],
  'worker-1': ['sent', 'sent', 'sent', 'fallback'],
  'worker-2': ['via', 'via', 'via', 'fallback'],
  'worker-3': ['failed', 'fallback', 'failed', '-'],
  'worker-4': ['skipped', 'skipped', 'skipped', '-'],
}

function delivery(node: string, key: PackageKey, size: number, end: string): NodeResult[] {
  const at = { node, key }
  const remotePath = `${key.name}/${key.name}-${key.version}-${key.arch}.tar.zst`
  const full = new PkgcacheError(
    'E_NODE_NOSPC',
    `no room below /usr/local/src: 22.9 MB needed, 4.1 MB free`,
    {
      hint: 'free some space, then run again: what has arrived is not sent twice',
      stage: 'distribute',
      plugin: 'transport-ssh',
    },
  )
  if (end === 'present') return [{ ...at, state: 'present', remotePath, sentBytes: 0, onNode: 'present' }]
  if (end === 'sent') return [{ ...at, state: 'sent', remotePath, sentBytes: size, onNode: 'done' }]
  if (end === 'via') return [{ ...at, state: 'sent', remotePath, sentBytes: 0, via: 'worker-1' }]
  if (end === 'skipped') return [{ ...at, state: 'skipped', remotePath }]
  if (end === 'failed') return [{ ...at, state: 'failed', remotePath, error: full }]
  if (end !== 'fallback') return []
  return key === NERDCTL
    ? [{ ...at, state: 'fallback', error: missing() }]
    : [{ ...at, state: 'fallback', remotePath, error: full }]
}

function missing(): PkgcacheError {
  return new PkgcacheError('E_NOT_FOUND', 'https://dl.example/nerdctl/v2.1.2: 404 Not Found', {
    hint: 'check the version; upstream lists its releases',
    stage: 'fetch',
    plugin: 'fetch-http',
  })
}

/**
 * A run with everything that can become of a delivery: five nodes, of which `to` keeps two packages to workers, one
 * package that could not be had, fallbacks, deliveries by other nodes, and files removed.
 */
export function nodesRun(): ReportRequest {
  const [containerd, kubelet, runc] = RECORDS.map((record): ItemResult => {
    const { name, version, platform, arch } = record
    const key = { name, version, platform, arch }
    return { key, state: 'cached', record, ...(name === 'kubelet' && { to: ['workers'] }) }
  }) as [ItemResult, ItemResult, ItemResult]
  const nerdctl: ItemResult = {
    key: NERDCTL,
    state: 'failed',
    error: missing(),
    to: ['worker-1', 'worker-2'],
  }
  const items = [containerd, kubelet, runc, nerdctl]
  const deliveries = NODES.flatMap(({ name }) =>
    items.flatMap(({ key }, index) =>
      delivery(name, key, RECORDS[index]?.size ?? 0, ENDS[name]?.[index] ?? '-'),
    ),
  )
  const removals = ['1.2.6', '1.2.5'].map((version, index) => ({
    node: 'worker-1',
    remotePath: `runc/runc-${version}-amd64.tar.zst`,
    bytes: 3_800_000 + index,
  }))
  return {
    result: sampleResult({ items, nodes: NODES, deliveries, removals, exitCode: 1 }),
    records: RECORDS,
  }
}
