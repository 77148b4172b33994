import { readFile, rename } from 'node:fs/promises'
import { systemCode } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { Schemas } from '../schemas.ts'
import { parseYaml } from '../yaml-text.ts'
import { PUBLIC_FILE, statIfThere, writeFileAtomic } from './atomic.ts'
import { remotePath, type StoreLayout } from './layout.ts'

/** Loaded when an index is read or written: a run with nothing to do does neither. */
const yaml = () => import('yaml')

/** One package as `index.yaml` lists it (DESIGN 4; schema `index.json`). */
interface IndexEntry {
  readonly [field: string]: string | number | undefined
}

function toEntry(record: StoreRecord, accessed: Readonly<Record<string, number>>): IndexEntry {
  const at = accessed[keyId(record)]
  return {
    name: record.name,
    version: record.version,
    platform: record.platform,
    architecture: record.arch,
    type: record.type,
    download_url: record.url,
    local_path: record.file,
    remote_path: remotePath(record, record.file),
    format: record.format,
    original_size: record.source_size,
    compressed_size: record.size,
    checksum: record.sha256,
    source_checksum: record.source_sha256,
    ...(record.content_sha256 !== undefined && { content_checksum: record.content_sha256 }),
    trust: record.trust,
    cached_at: record.cached_at,
    last_accessed_at:
      at === undefined
        ? record.cached_at
        : new Date(Math.max(at, Date.parse(record.cached_at))).toISOString(),
  }
}

const HEADER = '# Written by pkgcache from the records in .pkgcache/records; changes made by hand are lost.\n'

/** `index.yaml`: derived from the records, always replaceable. */
export class IndexFile {
  readonly #layout: StoreLayout
  readonly #schemas: Schemas
  readonly #temp: () => string

  /** @param temp start of the paths of temporary files */
  constructor(layout: StoreLayout, schemas: Schemas, temp: () => string) {
    this.#layout = layout
    this.#temp = temp
    this.#schemas = schemas
  }

  /** Size and modification time; changes when anybody writes the file. Empty when there is none. */
  async stamp(): Promise<string> {
    const found = await statIfThere(this.#layout.index)
    return found ? `${found.size}-${found.mtimeNs}` : ''
  }

  async write(records: Iterable<StoreRecord>, accessed: Readonly<Record<string, number>>): Promise<void> {
    const packages = [...records].map((record) => toEntry(record, accessed))
    const document = { version: 1, updated_at: new Date().toISOString(), packages }
    const { stringify } = await yaml()
    const text = HEADER + stringify(document, { lineWidth: 0 })
    await writeFileAtomic(this.#layout.index, text, PUBLIC_FILE, this.#temp())
  }

  /** Moves an index that cannot be read out of the way. @returns its new path, or undefined when it is sound */
  async setAsideIfBroken(): Promise<string | undefined> {
    // what cannot be read at all is as broken as what cannot be understood
    const text = await readFile(this.#layout.index, 'utf8').catch((error) =>
      systemCode(error) === 'ENOENT' ? undefined : '',
    )
    if (text === undefined || (await this.#isSound(text))) return undefined
    const aside = `${this.#layout.index}.broken-${Date.now()}`
    await rename(this.#layout.index, aside)
    return aside
  }

  async #isSound(text: string): Promise<boolean> {
    try {
      return this.#schemas.validator('index')(await parseYaml(text, 'index.yaml'))
    } catch {
      return false
    }
  }
}
