import type { ReportEntry, SoftwareReport } from '@pkgcache/source-runner-images/report'
import { countsByClass, inspectDocument } from '../render/sources-json.ts'
import { oneLine, table } from '../render/text.ts'
import { exitCodeOf, readReports } from './sources-reports.ts'
import type { Handler } from './types.ts'

const MAX_RAW = 60

export const inspect: Handler = async (invocation) => {
  const { output, options } = invocation
  const [report] = await readReports(invocation, [options.report ?? ''])
  const exitCode = exitCodeOf([report])
  if (output.json) output.document(inspectDocument(report, exitCode))
  else for (const line of inspectLines(report)) output.result(line)
  return exitCode
}

/** The counts, and then everything in a table. */
export function inspectLines(report: SoftwareReport): string[] {
  const { name, version, platform, arch } = report.image
  const facts = [name, version, platform, arch].filter((fact) => fact !== null)
  const { counts, tools, others } = countsByClass(report.entries)
  const found = Object.entries(counts).filter(([, count]) => count > 0)
  const width = String(Math.max(tools, others)).length
  return [
    oneLine(facts.join('  ')),
    '',
    `${String(tools).padStart(width)}  tools in all, ${others} that are none`,
    ...found.map(([kind, count]) => `${String(count).padStart(width)}  ${kind}`),
    '',
    ...table(['CLASS', 'NAME', 'VERSION', 'ARCH', 'RAW', 'SECTION'], report.entries.map(entryCells)),
  ]
}

/** What the report says stands only where the version does not say it all. */
function entryCells(entry: ReportEntry): string[] {
  const raw = oneLine(entry.raw)
  const version = oneLine((entry.versions ?? [entry.version ?? '–']).join(', '))
  const shown = raw.length > MAX_RAW ? `${raw.slice(0, MAX_RAW - 1)}…` : raw
  return [
    entry.class,
    oneLine(entry.name),
    version,
    oneLine(entry.arch ?? ''),
    raw === version ? '' : shown,
    oneLine(entry.section.join(' > ')),
  ]
}
