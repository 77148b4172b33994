import { join } from 'node:path'
import type {
  ItemResult,
  LoadedPlugin,
  LockChange,
  LockResult,
  NodePackage,
  NodeResult,
  NodesOverview,
  PackageKey,
  Plan,
  PruneResult,
  RebuildResult,
  Requirement,
  RunResult,
  Stats,
  StoreRecord,
  VerifyResult,
} from '@pkgcache/core'
import type { Failure } from '../failure.ts'

// The documents of `--json`, one function each; schemas/cli-*.json describe them.

/** Every failure looks the same wherever it stands. */
export function failureDocument(failure: Failure) {
  return {
    code: failure.code,
    message: failure.message,
    hint: failure.hint ?? null,
    item: failure.item ?? null,
    faults: failure.faults,
  }
}

function keyFields({ name, version, platform, arch }: PackageKey) {
  return { name, version, platform, arch }
}

/** A PlannedItem's error has no faults and no item of its own. */
function plannedFailure(error: { code: Failure['code']; message: string; hint?: string } | undefined) {
  return error === undefined ? {} : { error: failureDocument({ ...error, exitCode: 1, faults: [] }) }
}

export function runDocument(command: string, result: RunResult, exitCode: number) {
  return {
    command,
    store: result.store,
    index: join(result.store, 'index.yaml'),
    started_at: result.startedAt,
    finished_at: result.finishedAt,
    unchanged: result.unchanged,
    exit_code: exitCode,
    items: result.items.map((item) => itemDocument(item, result.store)),
    requirements: result.requirements.map(requirementDocument),
    nodes: result.nodes.map((node) => ({ name: node.name, host: node.host ?? null, root: node.root })),
    deliveries: result.deliveries.map(deliveryDocument),
    removals: result.removals.map(({ node, remotePath, bytes }) => {
      return { node, remote_path: remotePath, bytes }
    }),
    reports: result.reports.map(({ plugin, format, file }) => ({ plugin, format, file })),
    errors: result.errors.map(failureDocument),
  }
}

function requirementDocument(requirement: Requirement) {
  const { from, section, tool, requested, platform, arch, status, downloadable, key } = requirement
  return {
    ...{ from, section, tool, requested, platform, arch, status, downloadable },
    in_report: requirement.inReport ?? null,
    report_name: requirement.reportName ?? null,
    version: requirement.version ?? null,
    evidence: requirement.evidence ?? null,
    url: requirement.url ?? null,
    package: key === undefined ? null : keyFields(key),
    reason: requirement.reason ?? null,
  }
}

function itemDocument(item: ItemResult, store: string) {
  const common = { ...keyFields(item.key), section: item.section ?? null, state: item.state }
  if (item.state === 'failed') return { ...common, error: failureDocument(item.error) }
  const { file, size, sha256, trust } = item.record
  const fetched = item.state === 'published' ? item.fetchedBytes : 0
  return {
    ...common,
    path: join(store, file),
    size,
    sha256,
    trust,
    fetched_bytes: fetched,
  }
}

function deliveryDocument(result: NodeResult) {
  const common = {
    node: result.node,
    ...keyFields(result.key),
    state: result.state,
    ...(result.remotePath !== undefined && { remote_path: result.remotePath }),
  }
  if ('error' in result) return { ...common, error: failureDocument(result.error) }
  if (result.state === 'skipped') return common
  return { ...common, sent_bytes: result.sentBytes, via: result.via ?? null, on_node: result.onNode ?? null }
}

export function planDocument(plan: Plan) {
  return {
    store: plan.store,
    errors: plan.errors.map(failureDocument),
    exit_code: plan.exitCode,
    download_bytes: plan.downloadBytes,
    items: plan.items.map(({ key, action, downloadBytes, url, trust, locked, error }) => ({
      ...keyFields(key),
      action,
      download_bytes: downloadBytes ?? null,
      url: url ?? null,
      trust: trust ?? null,
      locked: locked ?? null,
      ...plannedFailure(error),
    })),
    deliveries: plan.deliveries.map(({ node, key, action, bytes, error }) => ({
      node,
      ...keyFields(key),
      action,
      bytes: bytes ?? null,
      ...plannedFailure(error),
    })),
  }
}

export function nodesDocument({ nodes, errors, exitCode }: NodesOverview) {
  const asked = nodes.filter(({ error }) => error === undefined)
  const packages = asked.flatMap((node) => node.packages)
  const count = (state: NodePackage['state']) => packages.filter((one) => one.state === state).length
  return {
    exit_code: exitCode,
    present: count('present'),
    outdated: count('outdated'),
    missing: count('missing'),
    unknown: count('unknown'),
    down: nodes.length - asked.length,
    errors: errors.map(failureDocument),
    nodes: nodes.map(({ node, arch, packages, foreign, error }) => ({
      name: node,
      arch: arch ?? null,
      packages: packages.map(({ key, state, versions }) => ({ ...keyFields(key), state, versions })),
      foreign: foreign.map(({ remotePath, size, delivered }) => ({
        remote_path: remotePath,
        size,
        delivered,
      })),
      ...(error !== undefined && { error: failureDocument(error) }),
    })),
  }
}

export function lockDocument({ file, written, exitCode, changes, errors }: LockResult) {
  const count = (change: LockChange['change']) => changes.filter((one) => one.change === change).length
  return {
    file,
    written,
    exit_code: exitCode,
    added: count('added'),
    updated: count('updated'),
    removed: count('removed'),
    kept: count('kept'),
    failed: count('failed'),
    errors: errors.map(failureDocument),
    packages: changes.map(({ key, change, from, entry, error }) => ({
      ...keyFields(key),
      change,
      from: from ?? null,
      sha256: entry?.sha256 ?? null,
      size: entry?.size ?? null,
      urls: entry?.urls ?? [],
      ...(error !== undefined && { error: failureDocument(error) }),
    })),
  }
}

export function listDocument(store: string, records: readonly StoreRecord[]) {
  return {
    store,
    packages: records.map((record) => ({
      ...keyFields(record),
      type: record.type,
      format: record.format,
      path: join(store, record.file),
      file: record.file,
      size: record.size,
      sha256: record.sha256,
      content_sha256: record.content_sha256 ?? null,
      unpacked_size: record.unpacked_size,
      source: record.source,
      url: record.url,
      source_size: record.source_size,
      source_sha256: record.source_sha256,
      trust: record.trust,
      cached_at: record.cached_at,
    })),
  }
}

export function statsDocument(stats: Stats) {
  return {
    store: stats.store,
    packages: stats.packages,
    source_bytes: stats.sourceBytes,
    stored_bytes: stats.storedBytes,
    unpacked_bytes: stats.unpackedBytes,
    ratio: stats.ratio,
    by_trust: stats.byTrust,
    by_platform: stats.byPlatform,
    oldest: stats.oldest ?? null,
    newest: stats.newest ?? null,
    last_access: stats.lastAccess.map(({ key, at }) => ({ ...keyFields(key), at })),
  }
}

export function indexDocument(store: string, file: string, result: RebuildResult, exitCode: number) {
  const { adopted, refused, packages } = result
  return {
    store,
    file,
    exit_code: exitCode,
    packages,
    adopted: adopted.map(keyFields),
    refused: refused.map((one) => ({ file: one.file, error: failureDocument(one.error) })),
  }
}

export function verifyDocument(store: string, result: VerifyResult) {
  return {
    store,
    exit_code: result.exitCode,
    checked: result.checked,
    bytes: result.bytes,
    problems: result.problems.map(({ problem, file, key, expected, actual }) => ({
      problem,
      file,
      package: key === undefined ? null : keyFields(key),
      expected: expected ?? null,
      actual: actual ?? null,
    })),
  }
}

export function pruneDocument(store: string, result: PruneResult, dryRun: boolean) {
  return {
    store,
    dry_run: dryRun,
    bytes: result.bytes,
    kept: result.kept,
    removed: result.removed.map(({ key, file, bytes, reason }) => ({
      ...keyFields(key),
      file,
      bytes,
      reason,
    })),
  }
}

export function pluginsDocument(plugins: readonly LoadedPlugin[]) {
  return {
    plugins: plugins.map(({ name, enforce, hooks }) => ({ name, enforce: enforce ?? null, hooks })),
  }
}
