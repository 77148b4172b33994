import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, PkgcacheError, type PluginContext, systemCode } from '@pkgcache/core'
import { own } from './own.ts'
import { parseJson } from './parse-json.ts'

// a .NET channel's releases.json has 1 MiB, python's manifest 0.5; both grow
const MAX_BYTES = 64 * 1024 * 1024

/** A parsed JSON document. */
export interface Document {
  /** Path or URL as it was asked for. */
  readonly place: string
  readonly value: unknown
  /** ISO 8601, UTC: when it was fetched, or a file last changed. */
  readonly fetchedAt: string
}

/** Reports, toolsets, lists and indexes, from files and URLs. Each is read and parsed once. */
export interface Documents {
  /** @throws E_NOT_FOUND and the like; `code` for what is no JSON, with line and column */
  json(place: string, code: ErrorCode): Promise<Document>
  /**
   * What `read` makes of a document, made once per place, reader and hint.
   * @param hint what `read` goes by besides the document; JSON
   */
  made<T, H>(place: string, code: ErrorCode, read: (document: Document, hint?: H) => T, hint?: H): Promise<T>
  /**
   * What `read` makes of an index, made once per URL and reader.
   * @throws E_VERSION_INDEX, and what fetching throws
   */
  index<T>(url: string, read: (value: unknown, url: string) => T): Promise<T>
}

/**
 * @param dir base of relative paths
 * @param offline true: what was fetched before counts, upstream is not asked
 */
export function openDocuments(ctx: PluginContext, dir: string, offline = false): Documents {
  const documents = new Map<string, Promise<Document>>()
  const all = new Map<unknown, Map<string, Promise<unknown>>>()
  const json = (place: string, code: ErrorCode) =>
    memo(documents, place, () => load(place, code, { ctx, dir, offline }))
  const once = <T>(reader: unknown, key: string, make: () => Promise<T>): Promise<T> => {
    const made = all.get(reader) ?? new Map<string, Promise<unknown>>()
    all.set(reader, made)
    return memo(made, key, make) as Promise<T>
  }
  return {
    json,
    made: (place, code, read, hint) =>
      once(read, `${JSON.stringify(hint)} ${place}`, async () => read(await json(place, code), hint)),
    index: (url, read) => once(read, url, async () => read((await json(url, 'E_VERSION_INDEX')).value, url)),
  }
}

function memo<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key)
  if (known) return known
  const making = make()
  made.set(key, making)
  return making
}

interface Means {
  readonly ctx: PluginContext
  readonly dir: string
  readonly offline: boolean
}

/** Whether a place is asked over the network; the others are files. */
export function isRemote(place: string): boolean {
  return /^https?:\/\//i.test(place)
}

/**
 * Reads a file.
 * @param place path or `file:` URL
 * @param dir base of relative paths
 * @throws `code` for what cannot be read or is no JSON
 */
export async function readDocument(place: string, code: ErrorCode, dir: string): Promise<Document> {
  const { text, changedAt } = await readText(place, code, dir)
  return { place, value: parseJson(text, place, code), fetchedAt: changedAt.toISOString() }
}

async function load(place: string, code: ErrorCode, { ctx, dir, offline }: Means): Promise<Document> {
  if (!isRemote(place)) return readDocument(place, code, dir)
  const { text, fetchedAt } = await ctx.fetch.kept(place, { maxBytes: MAX_BYTES, offline })
  return { place, value: parseJson(text, place, code), fetchedAt }
}

async function readText(
  place: string,
  code: ErrorCode,
  dir: string,
): Promise<{ readonly text: string; readonly changedAt: Date }> {
  try {
    const path = place.startsWith('file:') ? fileURLToPath(place) : resolve(dir, place)
    const text = decode(await readFile(path))
    return { text, changedAt: (await stat(path)).mtime }
  } catch (cause) {
    const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new PkgcacheError(code, `cannot be read: ${why}`, { item: place, cause, hint: 'check the path' })
  }
}

/** UTF-8 unless its mark says otherwise: Windows PowerShell writes UTF-16. */
function decode(bytes: Uint8Array): string {
  const encodings = { fffe: 'utf-16le', feff: 'utf-16be' } as const
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex')
  return new TextDecoder(own<string>(encodings, mark) ?? 'utf-8').decode(bytes)
}
