import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { checkName, keyId } from '../model/names.ts'
import type { ReportFile, RunResult } from '../model/run.ts'
import type { RenderedReport, ReportRequest } from '../plugins/types.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import { makeFolder, PUBLIC_FILE, PUBLIC_FOLDER, writeFileAtomic } from '../store/atomic.ts'

/** What is kept of a run's reports, to see that they need not be written again. */
interface LastReports {
  readonly fingerprint: string
  readonly reports: readonly ReportFile[]
}

type Unreported = Omit<RunResult, 'reports'>

/** What a report would tell, without times and without how an artifact came to be there. */
function fingerprint(result: Unreported, reporters: readonly string[]): string {
  const items = result.items.map((item) => [
    keyId(item.key),
    item.section,
    item.state === 'failed' ? [item.error.code, item.error.message] : [item.record.sha256, item.record.trust],
  ])
  const deliveries = result.deliveries.map((delivery) => [
    delivery.node,
    keyId(delivery.key),
    'error' in delivery
      ? [delivery.state, delivery.error.code, delivery.error.message]
      : [delivery.state === 'skipped' ? delivery.state : 'there'],
  ])
  const told = {
    reporters,
    items,
    requirements: result.requirements,
    deliveries,
    nodes: result.nodes.map(({ name }) => name),
    errors: result.errors.map(({ code, message, item }) => [code, message, item]),
  }
  return createHash('sha256').update(JSON.stringify(told)).digest('hex')
}

/** Writes all reports. Where a run changed nothing, those of the run before tell the same and stay as they are. */
export async function writeReports(
  result: Unreported,
  run: RunContext,
): Promise<Pick<RunResult, 'reports' | 'errors'>> {
  const mark = fingerprint(result, run.host.ownersOf('report'))
  const last = (await run.store.readOwn('lastReports')) as LastReports | undefined
  if (result.unchanged && last?.fingerprint === mark && (await allThere(last.reports))) {
    for (const report of last.reports) run.emit({ type: 'report', report })
    return { reports: last.reports, errors: [] }
  }
  const request: ReportRequest = { result: { ...result, reports: [] }, records: await run.store.list() }
  const { answers, errors } = await run.host.collect<RenderedReport>('report', request, callScope(run))
  const reports: ReportFile[] = []
  const failures = errors.map((error) => presentable(error, run))
  for (const { plugin, value } of answers) {
    try {
      reports.push(await write(plugin, value, run))
    } catch (thrown) {
      failures.push(presentable(toPkgcacheError(thrown, 'E_REPORT').at({ plugin, stage: 'report' }), run))
    }
  }
  await run.store.writeOwn('lastResult', serialisable({ ...result, reports }))
  await run.store.writeOwn('lastReports', { fingerprint: mark, reports })
  return { reports, errors: failures }
}

async function allThere(reports: readonly ReportFile[]): Promise<boolean> {
  const found = await Promise.all(
    reports.map(({ file }) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return reports.length > 0 && found.every(Boolean)
}

async function write(plugin: string, rendered: RenderedReport, run: RunContext): Promise<ReportFile> {
  checkName('file', rendered.fileName)
  const file = join(run.store.layout.reports, rendered.fileName)
  const report = { plugin, format: rendered.format, file }
  const content = run.redactor.mask(rendered.content)
  await makeFolder(run.store.layout.reports, PUBLIC_FOLDER)
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== content)
    await writeFileAtomic(file, content, PUBLIC_FILE, run.store.tempPrefix)
  run.emit({ type: 'report', report })
  return report
}

/** Errors as plain objects; everything else is plain already. */
function serialisable(result: RunResult): unknown {
  return JSON.parse(
    JSON.stringify(result, (_key, value: unknown) => {
      if (!(value instanceof PkgcacheError)) return value
      const { code, message, hint, plugin, stage, item } = value
      return { code, message, hint, plugin, stage, item }
    }),
  )
}

interface PlainError {
  readonly code: string
  readonly message: string
  readonly [field: string]: string | undefined
}

function revive(error: unknown): PkgcacheError {
  const { code, message, hint, plugin, stage, item } = error as PlainError
  const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'E_PLUGIN'
  return new PkgcacheError(known, message, { hint, plugin, stage, item })
}

const KEY_PARTS = ['name', 'version', 'platform', 'arch'] as const
const ERROR_PARTS = ['code', 'message'] as const

function hasTexts(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return fields.every((field) => typeof Reflect.get(value, field) === 'string')
}

function isResult(result: unknown): boolean {
  const { key, state, error } = (result ?? {}) as Record<string, unknown>
  const needsError = state === 'failed' || state === 'fallback'
  return hasTexts(key, KEY_PARTS) && (error === undefined ? !needsError : hasTexts(error, ERROR_PARTS))
}

function isNode(node: unknown): boolean {
  if (!hasTexts(node, ['name', 'root'])) return false
  const { host = '', arch = '', groups = [] } = node as Record<string, unknown>
  return typeof host === 'string' && typeof arch === 'string' && Array.isArray(groups)
}

function isRemoval(removal: unknown): boolean {
  return (
    hasTexts(removal, ['node', 'remotePath']) && Number.isSafeInteger((removal as { bytes?: unknown }).bytes)
  )
}

const REQUIREMENT_PARTS = ['from', 'section', 'tool', 'requested', 'platform', 'arch', 'status'] as const
const MAYBE_TEXTS = ['reportName', 'version', 'evidence', 'url', 'reason'] as const

function isRequirement(row: unknown): boolean {
  if (!hasTexts(row, REQUIREMENT_PARTS)) return false
  const { key, downloadable, inReport = false, ...texts } = row as Record<string, unknown>
  const flags = [downloadable, inReport].every((flag) => typeof flag === 'boolean')
  const told = MAYBE_TEXTS.every((field) => typeof (texts[field] ?? '') === 'string')
  return flags && told && (key === undefined || hasTexts(key, KEY_PARTS))
}

/** Whether everything has what is read of it: the file may hold anything. */
function isLastResult(last: unknown): last is RunResult {
  const lists = (last ?? {}) as Partial<Record<keyof RunResult, unknown>>
  const every = (list: keyof RunResult, holds: (entry: unknown) => boolean): boolean => {
    const entries = lists[list]
    return Array.isArray(entries) && entries.every(holds)
  }
  return (
    every('items', isResult) &&
    every('deliveries', (delivery) => isResult(delivery) && hasTexts(delivery, ['node'])) &&
    every('nodes', isNode) &&
    every('removals', isRemoval) &&
    every('requirements', isRequirement) &&
    every('errors', (error) => hasTexts(error, ERROR_PARTS))
  )
}

/** The last run as it was, its errors errors again; undefined when there was none, or nothing to be made of it. */
export async function readLastResult(run: Pick<RunContext, 'store'>): Promise<RunResult | undefined> {
  const read = await run.store.readOwn('lastResult')
  // a run of an older pkgcache tells of no requirements
  const last = typeof read === 'object' && read !== null ? { requirements: [], ...read } : read
  if (!isLastResult(last)) return undefined
  const withError = <T extends { readonly state: string }>(result: T): T =>
    'error' in result ? { ...result, error: revive(result.error) } : result
  const { items, deliveries, errors, ...rest } = last
  return {
    ...rest,
    items: items.map(withError),
    deliveries: deliveries.map(withError),
    errors: errors.map(revive),
  }
}
