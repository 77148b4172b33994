import type { PkgcacheError } from '@pkgcache/core'
import type {
  BuiltSourceList,
  CheckedSourceList,
  EntryVerdict,
  SourceList,
  SourceListUpdate,
  SourceRow,
} from '@pkgcache/source-runner-images/sources'
import { failureDocument } from './json.ts'
import { countBy, reasonsOf, rowName } from './source-rows.ts'

// The documents of `sources build`, `update` and `check`; schemas/cli-sources-*.json describe them.

function rowFields(row: SourceRow) {
  return {
    section: row.section ?? null,
    tool: row.tool ?? row.name,
    requested: row.requested ?? null,
    status: row.status ?? null,
    version: row.version,
    platform: row.platform,
    arch: row.arch,
    download_url: row.downloadUrl ?? null,
    url_evidence: row.urlEvidence ?? null,
    sha256: row.sha256 ?? null,
    reason: row.reason ?? null,
  }
}

function imageFields({ metadata: { upstreamReport } }: SourceList) {
  return { report: upstreamReport.url, version: upstreamReport.version }
}

export function sourcesBuildDocument(file: string, { list, faults }: BuiltSourceList, exitCode: number) {
  const { sources, unresolved, metadata } = list
  return {
    file,
    exit_code: exitCode,
    image: imageFields(list),
    toolsets: metadata.toolsetFiles.map(({ path }) => path),
    sources: sources.length,
    unresolved: unresolved.length,
    by_status: Object.fromEntries(countBy([...sources, ...unresolved], ({ status }) => status)),
    by_evidence: Object.fromEntries(countBy(sources, ({ urlEvidence }) => urlEvidence)),
    reasons: reasonsOf(unresolved).map(({ reason, rows }) => ({ reason, rows: rows.map(rowName) })),
    faults: faults.map(failureDocument),
  }
}

export function sourcesUpdateDocument(
  file: string,
  update: SourceListUpdate,
  {
    written,
    faults,
    exitCode,
  }: { readonly written: boolean; readonly faults: readonly PkgcacheError[]; readonly exitCode: number },
) {
  return {
    file,
    written,
    exit_code: exitCode,
    image: imageFields(update.list),
    added: update.added.map(rowFields),
    removed: update.removed.map(rowFields),
    changed: update.changed.map(({ before, after }) => ({
      before: rowFields(before),
      after: rowFields(after),
    })),
    kept: update.kept.map(({ row, because, fields, offered }) => ({
      row: rowFields(row),
      because,
      fields,
      offered: offered === undefined ? null : rowFields(offered),
    })),
    same: update.same,
    faults: faults.map(failureDocument),
  }
}

export function sourcesCheckDocument(file: string, { entries, faults }: CheckedSourceList, exitCode: number) {
  const count = (of: EntryVerdict['verdict']) => entries.filter(({ verdict }) => verdict === of).length
  return {
    file,
    exit_code: exitCode,
    ok: count('ok'),
    wrong: count('wrong'),
    unknown: count('unknown'),
    entries: entries.map(entryFields),
    faults: faults.map(failureDocument),
  }
}

function entryFields({ path, row, verdict, findings, shouldBe, reason }: EntryVerdict) {
  return {
    path,
    row: rowFields(row),
    verdict,
    findings: findings.map(({ code, message }) => ({ finding: code, message })),
    should_be: shouldBe === undefined ? null : shouldBeFields(shouldBe),
    reason: reason ?? null,
  }
}

function shouldBeFields({ version, downloadUrl, urlEvidence, sha256, size }: SourceRow) {
  return {
    version,
    download_url: downloadUrl ?? '',
    url_evidence: urlEvidence ?? 'index',
    sha256: sha256 ?? null,
    size: size ?? null,
  }
}
