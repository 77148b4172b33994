import { resolve } from 'node:path'
import type { KeptRow, SourceListUpdate, SourceRow } from '@pkgcache/source-runner-images/sources'
import {
  buildSourceList,
  readSourceList,
  updateSourceList,
  writeSourceList,
} from '@pkgcache/source-runner-images/sources'
import { UsageError } from '../failure.ts'
import { showError } from '../render/errors.ts'
import { sourcesUpdateDocument } from '../render/source-list-json.ts'
import { rowName } from '../render/source-rows.ts'
import { count, oneLine } from '../render/text.ts'
import { defined } from './defined.ts'
import { withDocuments } from './sources-session.ts'
import type { Handler } from './types.ts'

export const update: Handler = async (invocation) => {
  const { cwd, options, output } = invocation
  const { sources = '', report = '', toolset: toolsets = [], prereleases } = options
  const target = options.output ?? sources
  if (/^[a-z]+:\/\//i.test(target))
    throw new UsageError('a list at a URL cannot be written', 'name a file with --output')
  const file = resolve(cwd, target)
  const { before, built } = await withDocuments(invocation, async (documents) => ({
    before: readSourceList(await documents.json(sources, 'E_SOURCE_LIST')),
    built: await buildSourceList({ report, toolsets, documents, ...defined({ prereleases }) }),
  }))
  const result = updateSourceList(before, built)
  const faults = [...built.faults, ...result.faults]
  const written = !result.unchanged || file !== resolve(cwd, sources)
  if (written) await writeSourceList(file, result.list)
  const exitCode = faults.length > 0 ? 1 : 0
  if (output.json) {
    output.document(sourcesUpdateDocument(file, result, { written, faults, exitCode }))
    return exitCode
  }
  for (const fault of faults) showError(output, fault)
  for (const line of updateLines(result)) output.say(line)
  output.say(`${written ? 'Wrote' : 'Left as it is:'} ${oneLine(file)}`)
  return exitCode
}

const WHY = {
  'added-by-hand': 'added by hand',
  'edited-by-hand': 'edited by hand',
  'toolset-unread': 'its toolset cannot be read',
  'index-unread': 'its index cannot be had',
} satisfies Record<KeptRow['because'], string>

/** What changed, one line each, and a line that sums it up. */
export function updateLines({ added, removed, changed, kept, same }: SourceListUpdate): string[] {
  return [
    ...added.map((row) => `added    ${name(row)}: ${file(row)}`),
    ...removed.map((row) => `removed  ${name(row)}: ${file(row)}`),
    ...changed.map(({ before, after }) => `changed  ${name(after)}: ${change(before, after)}`),
    ...kept.map(keptLine),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${kept.length} kept, ${count(same, 'row')} as before`,
  ]
}

function name(row: SourceRow): string {
  return oneLine(rowName(row))
}

function file({ version, downloadUrl, reason }: SourceRow): string {
  return oneLine(`${version}  ${downloadUrl ?? `no URL, ${reason ?? 'nothing is said why'}`}`)
}

/** Both versions and both URLs, where they differ. */
function change(before: SourceRow, after: SourceRow): string {
  if (before.version === after.version && before.downloadUrl === after.downloadUrl) {
    const fields = FIELDS.filter((field) => before[field] !== after[field])
    return `${oneLine(after.version)}, other ${fields.join(', ')}`
  }
  return `${file(before)} → ${file(after)}`
}

const FIELDS = [
  'name',
  'status',
  'reportName',
  'urlEvidence',
  'sha256',
  'sha512',
  'size',
  'normalise',
  'reason',
  'section',
  'tool',
  'requested',
] as const

function keptLine({ row, because, fields, offered }: KeptRow): string {
  const which = fields.length > 0 ? ` (${fields.map(oneLine).join(', ')})` : ''
  const instead = offered === undefined ? '' : `; the build has ${file(offered)}`
  return `kept     ${name(row)}: ${WHY[because]}${which}: ${file(row)}${instead}`
}
