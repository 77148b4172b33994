import { readFile } from 'node:fs/promises'
import { explainFaults } from '../config/schema-faults.ts'
import { PkgcacheError, systemCode } from '../errors/error.ts'
import type { Schemas } from '../schemas.ts'
import type { ReportDocument } from './snapshot.ts'

/** More than this nobody reads of one file. */
const MOST_FAULTS = 20
const HINT = 'give a report.json of a store’s reports folder, or a cache report of the older form'

/**
 * A JSON report of pkgcache, or one in the older form, from a file.
 * @throws E_USAGE for a file that cannot be read, E_REPORT with JSON paths for one that is no such report
 */
export async function readReport(file: string, schemas: Schemas): Promise<ReportDocument> {
  const document = parse(await read(file), file)
  const kind = kindOf(document)
  if (kind === undefined) {
    throw new PkgcacheError('E_REPORT', 'is no report: it has neither "packages" nor "cachedItems"', {
      item: file,
      hint: HINT,
    })
  }
  const validate = schemas.validator(kind)
  const complete = kind === 'report' ? completed(document as object) : document
  if (validate(complete)) return complete as ReportDocument
  const faults = explainFaults(validate.errors ?? [], 'key')
  const more = faults.length - MOST_FAULTS
  throw new PkgcacheError('E_REPORT', 'is no report that can be compared', {
    item: file,
    hint: HINT,
    faults: [...faults.slice(0, MOST_FAULTS), ...(more > 0 ? [`and ${more} more`] : [])],
  })
}

async function read(file: string): Promise<string> {
  try {
    const bytes = await readFile(file)
    // Windows PowerShell writes UTF-16 unless told otherwise
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe
    return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes)
  } catch (cause) {
    throw new PkgcacheError('E_USAGE', `the report cannot be read: ${systemCode(cause) ?? String(cause)}`, {
      item: file,
      cause,
      hint: HINT,
    })
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // what the parser quotes of the file stays out of the message: it may be any file
    const position = /at position (\d+)/.exec(String(cause))?.[1]
    const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    throw new PkgcacheError('E_REPORT', `is no JSON: ${place}`, { item: file, hint: HINT })
  }
}

function kindOf(document: unknown): 'report' | 'cache-report' | undefined {
  if (typeof document !== 'object' || document === null) return undefined
  if (Object.hasOwn(document, 'packages')) return 'report'
  return Object.hasOwn(document, 'cachedItems') ? 'cache-report' : undefined
}

/** With what reports of earlier versions do not have: none of it is compared. */
function completed(document: object): object {
  const { composition, finished_at, store } = document as Record<string, unknown>
  const noSources = { totalSources: 0, cachedSources: 0, missingSources: 0 }
  return {
    metadata: { generatedAt: finished_at, cacheDirectory: store },
    summary: { ...noSources, coveragePercentage: 0, totalCacheSize: 0 },
    cachedItems: [],
    missingItems: [],
    ...document,
    composition: typeof composition === 'object' ? { section: [], ...composition } : composition,
  }
}
