import { ERROR_CODES, type ErrorCode, type StoreRecord } from '@pkgcache/core'
import { type Ran, type Seen, schemaFaults } from '../e2e/kit.ts'
import { EARLIER, EARLIER_FILE, type StandRan, type StoreState } from './stand.ts'

/** Version of every package that a case declares. */
export const VERSION = '1.0.0'

/** What must come of one package. */
export interface Expectation {
  /** Exit code of a run in which this goes wrong, and nothing worse. */
  readonly exit: 0 | 1 | 2 | 3 | 130
  /** Absent: it is published all the same. */
  readonly code?: ErrorCode
  /** What the message says; for an archive, its member. */
  readonly says?: RegExp | string
  /** What the hint says. Any error has one. */
  readonly hint?: RegExp | string
}

/** All that can be seen after a run. */
export interface Outcome {
  readonly ran: StandRan
  /** `--json`'s document; undefined when stdout holds none. */
  readonly document: RunDocument | undefined
  readonly before: StoreState
  readonly after: StoreState
  /** `pkgcache verify`, run after it. */
  readonly verify: Ran
}

export interface RunDocument {
  readonly exit_code: number
  readonly items: readonly ItemDocument[]
}

export interface FailureDocument {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | null
  readonly item: string | null
  readonly faults: readonly string[]
}

export interface ItemDocument {
  readonly name: string
  readonly state: 'published' | 'cached' | 'failed'
  readonly error?: FailureDocument
}

function says(text: string, wanted: RegExp | string | undefined): boolean {
  if (wanted === undefined) return true
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}

/** What an error must have whatever it is about. @param item how it names what failed */
export function errorFaults(error: FailureDocument, expected: Expectation, item: string | null): string[] {
  const faults: string[] = []
  const { code, message, hint } = error
  if (code !== expected.code) faults.push(`ends with ${code}: ${message}`)
  // of one item among others, only a failed verification is more than 1 (DESIGN 7)
  const exit = item !== null && ERROR_CODES[code].exit !== 3 ? 1 : ERROR_CODES[code].exit
  if (exit !== expected.exit) faults.push(`${code} makes exit code ${exit}`)
  if (!says([message, ...error.faults].join('\n'), expected.says))
    faults.push(`says: ${[message, ...error.faults].join('; ')}`)
  if (hint === null || hint === '') {
    if (error.faults.length === 0) faults.push(`has no hint: ${message}`)
  } else if (!says(hint, expected.hint)) faults.push(`hints: ${hint}`)
  if (expected.hint !== undefined && hint === null) faults.push('has no hint')
  if (item !== null && error.item !== item) faults.push(`names ${error.item} as the item`)
  return faults
}

/** What is wrong with one package of a run, against what was expected of it. */
export function packageFaults(name: string, expected: Expectation, outcome: Outcome): string[] {
  const item = outcome.document?.items.find((candidate) => candidate.name === name)
  if (item === undefined)
    return [`${name} is not in the document: ${outcome.ran.stderr || outcome.ran.stdout}`]
  const record = outcome.after.records.find((candidate) => candidate.name === name)
  if (expected.code === undefined) {
    if (item.error) return [`ends with ${item.error.code}: ${item.error.message}`]
    return record === undefined ? ['has no record'] : []
  }
  if (item.error === undefined) return [`is ${item.state}`]
  const full = `${name}@${VERSION} linux/amd64`
  const faults = errorFaults(item.error, expected, full)
  // the first line of it, as a person reads it
  const line = `error ${item.error.code} ${full}: ${item.error.message.split('\n')[0]}`
  if (!outcome.ran.stderr.includes(line)) faults.push('is not told on stderr with its name')
  if (record) faults.push('has a record')
  return [...faults, ...publishedFaults(name, outcome.after)]
}

/** Files of a package under its final names. */
function publishedFaults(name: string, state: StoreState): string[] {
  return Object.keys(state.files)
    .filter((file) => !file.startsWith('.pkgcache/') && !file.startsWith('reports/'))
    .filter((file) => file.split('/').some((part) => part === name || part.startsWith(`${name}-`)))
    .map((file) => `is published as ${file}`)
}

/**
 * The exit code that the items of a document come to (DESIGN 7): one that fails other than expected fails its own
 * case, not those that share its run.
 */
function dueExit(document: RunDocument): number {
  const exits = document.items.flatMap(({ error }) => (error ? [ERROR_CODES[error.code].exit] : []))
  return exits.includes(3) ? 3 : exits.length > 0 ? 1 : 0
}

/** What must hold after every run, whatever went wrong in it. */
export function runFaults(outcome: Outcome, healthy: readonly string[]): string[] {
  const { ran, document, before, after, verify } = outcome
  if (document === undefined) return [`exit code ${ran.code} without a document: ${ran.stderr.slice(0, 500)}`]
  const exit = dueExit(document)
  const faults = schemaFaults('cli-run', document).map((fault) => `document: ${fault}`)
  if (ran.code !== exit || document.exit_code !== exit) {
    faults.push(`exit code ${ran.code}, in the document ${document.exit_code}, where ${exit} is due`)
  }
  for (const name of healthy) {
    const state = document.items.find((item) => item.name === name)?.state
    if (state !== 'published') faults.push(`${name}, which is sound, is ${state}`)
    if (!after.records.some((record) => record.name === name)) faults.push(`${name} has no record`)
  }
  return [
    ...faults,
    ...earlierFaults(before.files, after.files),
    ...storeFaults(after),
    ...verifyFaults(verify),
    ...crashFaults(ran),
  ]
}

/** What was published before must be the same file, byte for byte. */
export function earlierFaults(
  before: Readonly<Record<string, Seen>>,
  after: Readonly<Record<string, Seen>>,
): string[] {
  return Object.entries(before)
    .filter(([file]) => !/^(\.pkgcache|reports)\/|^index\.yaml/.test(file))
    .filter(([file, { sha256 }]) => after[file]?.sha256 !== sha256)
    .map(([file]) => `${file} is ${after[file] ? 'changed' : 'gone'}`)
}

/** Index and records agree, and nothing is left over. */
export function storeFaults(state: StoreState): string[] {
  const faults = state.badRecords.map((name) => `record ${name} is no JSON`)
  if (state.indexFault !== undefined) faults.push(`index.yaml does not parse: ${state.indexFault}`)
  const { packages = [] } = (state.index ?? {}) as { packages?: readonly IndexLine[] }
  const listed = packages.map(
    (entry) => `${entry.name}@${entry.version} ${entry.local_path} ${entry.checksum}`,
  )
  const recorded = state.records.map(
    (record: StoreRecord) => `${record.name}@${record.version} ${record.file} ${record.sha256}`,
  )
  for (const entry of listed)
    if (!recorded.includes(entry)) faults.push(`index.yaml lists ${entry} without a record`)
  for (const entry of recorded) if (!listed.includes(entry)) faults.push(`index.yaml does not list ${entry}`)
  if (new Set(listed).size !== listed.length) faults.push('index.yaml lists one twice')
  for (const { file, sha256 } of state.records) {
    if (state.files[file]?.sha256 !== sha256) faults.push(`${file} is not what its record says`)
  }
  const left = Object.keys(state.files).filter((file) =>
    /^\.pkgcache\/(tmp|locks)\/|(^|\/)\.tmp\./.test(file),
  )
  return [...faults, ...left.map((file) => `${file} is left`)]
}

interface IndexLine {
  readonly name: string
  readonly version: string
  readonly local_path: string
  readonly checksum: string
}

function verifyFaults(verify: Ran): string[] {
  return verify.code === 0 ? [] : [`verify exits ${verify.code}: ${verify.stdout}${verify.stderr}`]
}

/** An error that nobody caught, or a trace where a sentence belongs. */
export function crashFaults({ code, stdout, stderr }: Ran): string[] {
  if (code === null) return [`was killed: ${stderr.slice(0, 500)}`]
  const text = `${stdout}\n${stderr}`
  return /\n\s+at .*[:(]|Uncaught|Unhandled|FATAL ERROR|E_PLUGIN\b/.test(text)
    ? [`crashed: ${text.slice(0, 500)}`]
    : []
}

export { EARLIER, EARLIER_FILE }
