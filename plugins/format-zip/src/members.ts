import type { FormatInput, Member } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { attributes, modeByContent } from './attributes.ts'
import { memberBody, type Span } from './body.ts'
import { checkLocal, checkReadable, memberLabel, memberName, zipError } from './headers.ts'
import { checkEnd, Layout, nameAt } from './layout.ts'

const MAX_LINK_BYTES = 4096

/** Raw names and no checks of yauzl's own: they would name no member, or turn backslashes into slashes. */
const OPTIONS = {
  autoClose: false,
  lazyEntries: true,
  decodeStrings: false,
  validateEntrySizes: false,
} as const

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

async function openZip(input: FormatInput): Promise<ZipFile> {
  return yauzl.openPromise(input.file, OPTIONS).catch((thrown: unknown) => {
    throw zipError('the zip', `is damaged or truncated: ${messageOf(thrown)}`, thrown)
  })
}

/** An error while closing is no news to anyone: all that was asked for has been read or given up. */
function closeZip(zip: ZipFile): Promise<void> {
  return new Promise((resolve) => {
    zip.on('error', () => resolve())
    zip.once('close', resolve)
    zip.close()
  })
}

/** Offset in the central directory of what is read next. */
function cursorOf(zip: ZipFile): number {
  return Number(zip.readEntryCursor)
}

async function* entries(zip: ZipFile, input: FormatInput): AsyncGenerator<Entry, void, undefined> {
  const all = zip.eachEntry()
  for (;;) {
    const cursor = cursorOf(zip)
    const next = await all.next().catch(async (thrown: unknown) => {
      const name = await nameAt(input, cursor)
      const what = name === undefined ? 'the zip' : memberLabel(name)
      throw zipError(what, `is damaged or cannot be read: ${messageOf(thrown)}`, thrown)
    })
    if (next.done === true) return
    yield next.value
  }
}

async function locate(zip: ZipFile, entry: Entry, label: string): Promise<Span> {
  const local = await zip.readLocalFileHeaderPromise(entry).catch((thrown: unknown) => {
    throw zipError(label, `is damaged or truncated: ${messageOf(thrown)}`, thrown)
  })
  checkLocal(entry, local, label)
  const { fileDataStart: dataStart } = local
  return { start: entry.relativeOffsetOfLocalHeader, dataStart, end: dataStart + entry.compressedSize }
}

async function readLink(body: AsyncIterable<Uint8Array>, entry: Entry, label: string): Promise<string> {
  if (entry.uncompressedSize > MAX_LINK_BYTES)
    throw zipError(label, `is a link of ${entry.uncompressedSize} bytes`)
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
  } catch (cause) {
    throw zipError(label, 'is a link to a name that is not valid UTF-8', cause)
  }
}

async function* rejoin(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done === true) return
  try {
    yield first.value
    yield* rest
  } finally {
    await rest.return()
  }
}

async function toMember(
  entry: Entry,
  name: string,
  body: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Member> {
  const { type, mode, mtime } = attributes(entry, name)
  const label = memberLabel(name)
  if (type === 'symlink') {
    return {
      path: name,
      type,
      mode: mode ?? 0o777,
      size: 0,
      mtime,
      linkName: await readLink(body, entry, label),
    }
  }
  if (type === 'directory') {
    if (entry.uncompressedSize !== 0)
      throw zipError(label, `is a folder with ${entry.uncompressedSize} bytes of content`)
    return { path: name, type, mode: mode ?? 0o755, size: 0, mtime }
  }
  const size = entry.uncompressedSize
  if (mode !== undefined) return { path: name, type, mode, size, mtime, body }
  const first = await body.next()
  const start = first.done === true ? new Uint8Array(0) : first.value
  return { path: name, type, mode: modeByContent(start), size, mtime, body: rejoin(first, body) }
}

/**
 * The members in the order of the central directory, one at a time.
 * @throws E_ARCHIVE, E_POLICY, E_ABORTED
 */
export async function* zipMembers(
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Member, void, undefined> {
  const zip = await openZip(input)
  try {
    const directory = cursorOf(zip)
    const layout = new Layout()
    for await (const entry of entries(zip, input)) {
      if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
      const name = memberName(entry)
      const label = memberLabel(name)
      checkReadable(entry, label)
      const span = await locate(zip, entry, label)
      layout.add(span, label)
      const body = memberBody(input, signal, entry, span, label)
      try {
        yield await toMember(entry, name, body)
      } finally {
        await body.return()
      }
    }
    layout.finish(directory)
    await checkEnd(input, cursorOf(zip))
  } finally {
    await closeZip(zip)
  }
}
