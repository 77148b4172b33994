import { readFile } from 'node:fs/promises'
import type { ValidateFunction } from 'ajv'
import { explainFaults } from '../config/schema-faults.ts'
import { PkgcacheError, systemCode, toPkgcacheError } from '../errors/error.ts'
import { type LockEntry, lockedKey } from '../model/lock.ts'
import { checkKey, plainVersion } from '../model/names.ts'
import { shownUrl } from '../net/shown-url.ts'
import type { Schemas } from '../schemas.ts'
import { statIfThere } from '../store/atomic.ts'
import { lockFileFault } from './faults.ts'
import { SubsetError, SubsetReader, type Value } from './yaml-subset.ts'

const MAX_BYTES = 16 * 2 ** 20
const VERSION = 1

/**
 * The entries of a lock file; undefined when there is none. The file comes from a repository: nothing of it is believed.
 * @throws E_LOCK_FILE naming file and line
 */
export async function readLockFile(file: string, schemas: Schemas): Promise<LockEntry[] | undefined> {
  const text = await readText(file)
  return text === undefined ? undefined : parseLockFile(text, file, schemas)
}

async function readText(file: string): Promise<string | undefined> {
  try {
    const found = await statIfThere(file)
    if (found === undefined) return undefined
    // what a link in a repository may point to: a device without end, a pipe that nobody writes to
    if (!found.isFile()) throw lockFileFault(file, undefined, 'it is no regular file')
    if (found.size > MAX_BYTES) throw lockFileFault(file, undefined, `it is larger than ${MAX_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (systemCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw lockFileFault(file, undefined, 'it is no UTF-8 text')
    if (error instanceof PkgcacheError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw lockFileFault(file, undefined, `it cannot be read: ${why}`, { cause: error })
  }
}

/** @throws E_LOCK_FILE naming file and line */
export function parseLockFile(text: string, file: string, schemas: Schemas): LockEntry[] {
  const { packages, lineOf } = readDocument(text, file)
  const validate = schemas.validator('lock')
  const seen = new Set<string>()
  return packages.map((value) => {
    const refuse: Refuse = (message, details) => {
      throw lockFileFault(file, lineOf(value), message, details)
    }
    const entry = checkedEntry(value, validate, refuse)
    if (seen.has(entry.request_digest)) refuse('this package stands in it twice')
    seen.add(entry.request_digest)
    return entry
  })
}

interface Document {
  readonly packages: readonly Value[]
  readonly lineOf: (value: Value) => number
}

function readDocument(text: string, file: string): Document {
  try {
    const reader = new SubsetReader(text)
    const document = reader.read()
    const refuse = (message: string) => {
      throw lockFileFault(file, 1, message)
    }
    if (typeof document !== 'object' || Array.isArray(document)) return refuse('it is no mapping')
    const { version, packages, ...others } = document
    if (version !== VERSION)
      return refuse(`its version is ${JSON.stringify(version) ?? 'missing'}, this pkgcache reads ${VERSION}`)
    const [other] = Object.keys(others)
    if (other !== undefined) return refuse(`unknown key "${other}"`)
    if (!Array.isArray(packages)) return refuse('`packages` is no list')
    return { packages, lineOf: (value) => reader.lineOf(value) }
  } catch (error) {
    throw error instanceof SubsetError ? lockFileFault(file, error.line, error.message) : error
  }
}

type Refuse = (message: string, details?: { faults?: readonly string[]; cause?: unknown }) => never

function checkedEntry(value: Value, validate: ValidateFunction, refuse: Refuse): LockEntry {
  // one by one: all faults of a hostile file at once could be millions
  if (!validate({ version: VERSION, packages: [value] })) {
    const faults = explainFaults(validate.errors ?? [], 'key').map((fault) =>
      fault.replace(/^packages\[0\](?:\.|: )?/, ''),
    )
    return refuse('the package there is not as it should be', { faults })
  }
  const entry = value as unknown as LockEntry
  try {
    checkKey({ ...entry, version: plainVersion(entry.request) })
    checkKey(lockedKey(entry))
  } catch (cause) {
    return refuse(toPkgcacheError(cause).message, { cause })
  }
  for (const text of urlsOf(entry)) {
    const shown = JSON.stringify(shownUrl(text))
    if (!URL.canParse(text)) return refuse(`${shown} is no URL`)
    const { username, password } = new URL(text)
    if (username !== '' || password !== '') return refuse(`${shown} has a user or a password in it`)
  }
  return entry
}

function urlsOf({ urls, signatures = [] }: LockEntry): string[] {
  const signed = signatures.map((one) => (one.over === 'artifact' ? [one.url] : [one.checksum_url, one.url]))
  return [...urls, ...signed.flat().filter((text) => text !== undefined)]
}
