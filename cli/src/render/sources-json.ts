import type {
  EntryClass,
  ReportDiff,
  ReportEntry,
  SoftwareReport,
} from '@pkgcache/source-runner-images/report'
import { OTHER_CLASSES, TOOL_CLASSES } from '@pkgcache/source-runner-images/report'
import { failureDocument } from './json.ts'

// The documents of `pkgcache sources … --json`, one function each; schemas/cli-sources-*.json describe them.

/** How many entries there are of every class, tools first; those that stand for software, and the others. */
export function countsByClass(entries: readonly ReportEntry[]) {
  const count = (kind: EntryClass) => entries.filter((entry) => entry.class === kind).length
  const of = (kinds: readonly EntryClass[]) => kinds.map((kind) => [kind, count(kind)] as const)
  const sum = (pairs: readonly (readonly [string, number])[]) => pairs.reduce((total, [, n]) => total + n, 0)
  const [tools, others] = [of(TOOL_CLASSES), of(OTHER_CLASSES)]
  return { counts: Object.fromEntries([...tools, ...others]), tools: sum(tools), others: sum(others) }
}

export function inspectDocument(report: SoftwareReport, exitCode: number) {
  return {
    ...headDocument(report),
    ...countsByClass(report.entries),
    entries: report.entries.map(entryDocument),
    exit_code: exitCode,
  }
}

/** @param file where the Markdown was written; null: it stands in the document */
export function renderDocument(
  report: SoftwareReport,
  markdown: string,
  file: string | null,
  exitCode: number,
) {
  return {
    ...headDocument(report),
    file,
    markdown: file === null ? markdown : null,
    exit_code: exitCode,
  }
}

/** @param file where the Markdown was written; null: it stands in the document */
export function diffDocument(diff: ReportDiff, markdown: string, file: string | null, exitCode: number) {
  const { added, removed, changed } = diff.entries
  return {
    old: headDocument(diff.old),
    new: headDocument(diff.new),
    added: added.map(entryDocument),
    removed: removed.map(entryDocument),
    changed: changed.map((change) => ({
      old: entryDocument(change.old),
      new: entryDocument(change.new),
    })),
    file,
    markdown: file === null ? markdown : null,
    exit_code: exitCode,
  }
}

function headDocument({ file, image, faults }: SoftwareReport) {
  return { report: file, image, faults: faults.map(failureDocument) }
}

function entryDocument(entry: ReportEntry) {
  const { class: kind, name, version, versions, raw, section, arch, major, digest, path } = entry
  return {
    class: kind,
    name,
    version,
    versions: versions ?? (version === null ? [] : [version]),
    raw,
    section,
    arch: arch ?? null,
    major: major ?? null,
    digest: digest ?? null,
    path,
  }
}
