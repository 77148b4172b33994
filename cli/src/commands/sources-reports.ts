import { resolve } from 'node:path'
import { printable } from '@pkgcache/core'
import type { Document, SoftwareReport } from '@pkgcache/source-runner-images/report'
import { isRemote, readDocument, readReport } from '@pkgcache/source-runner-images/report'
import { showError } from '../render/errors.ts'
import { oneLine } from '../render/text.ts'
import { replaceFile } from './report-file.ts'
import { withDocuments } from './sources-session.ts'
import type { Invocation } from './types.ts'

const CODE = 'E_SOFTWARE_REPORT'

/**
 * Reads software reports. Only URLs need the cache, which keeps what they answer. What is wrong in a report is told on
 * stderr.
 * @throws E_SOFTWARE_REPORT for the first that cannot be read at all
 */
export async function readReports<const Places extends readonly string[]>(
  invocation: Invocation,
  places: Places,
): Promise<{ readonly [Place in keyof Places]: SoftwareReport }> {
  const documents = await load(invocation, places)
  const reports: unknown = documents.map((document) => {
    const report = readReport(document)
    for (const fault of report.faults) showError(invocation.output, fault)
    return report
  })
  // one of each place, in their order
  return reports as { readonly [Place in keyof Places]: SoftwareReport }
}

async function load(invocation: Invocation, places: readonly string[]): Promise<readonly Document[]> {
  if (!places.some(isRemote))
    return Promise.all(places.map((place) => readDocument(place, CODE, invocation.cwd)))
  return withDocuments(invocation, (documents) =>
    Promise.all(places.map((place) => documents.json(place, CODE))),
  )
}

/** 1 when something in a report could not be read. */
export function exitCodeOf(reports: readonly SoftwareReport[]): number {
  return reports.some(({ faults }) => faults.length > 0) ? 1 : 0
}

/** Writes Markdown to the file asked for. @returns its path; null: no file was asked for */
export async function writeMarkdown(invocation: Invocation, markdown: string): Promise<string | null> {
  const { cwd, options, output } = invocation
  if (options.output === undefined) return null
  const file = resolve(cwd, options.output)
  await replaceFile(file, `${markdown}\n`)
  if (!output.json) output.say(`markdown  ${oneLine(file)}`)
  return file
}

/** Markdown for stdout: its lines stay lines, but no byte of it steers the terminal. */
export function showMarkdown({ output }: Invocation, markdown: string): void {
  output.result(printable(markdown))
}
