import { type FileHandle, open } from 'node:fs/promises'
import { type FormatInput, toPkgcacheError } from '@pkgcache/core'
import type { Span } from './body.ts'
import { zipError } from './headers.ts'

const END_RECORD = 0x06054b50
const END_RECORD_BYTES = 22
const ZIP64_END_RECORD = 0x06064b50
const ZIP64_LOCATOR_BYTES = 20

/** Watches that members lie one behind the other, from the first byte of the file on. */
export class Layout {
  /** Sorted by start; members nearly always come in that order. */
  readonly #spans: Span[] = []

  /** @throws E_ARCHIVE when a member shares bytes with one before */
  add(span: Span, label: string): void {
    let at = this.#spans.length
    while (at > 0 && (this.#spans[at - 1]?.start ?? 0) > span.start) at--
    const before = this.#spans[at - 1]
    const after = this.#spans[at]
    const clash =
      (before !== undefined && before.end > span.start) || (after !== undefined && span.end > after.start)
    if (clash || before?.start === span.start) throw zipError(label, 'overlaps another member')
    this.#spans.splice(at, 0, span)
  }

  /**
   * @param directory offset of the central directory
   * @throws E_ARCHIVE when something comes before the first member, or data reach into the directory
   */
  finish(directory: number): void {
    const first = this.#spans[0]?.start ?? directory
    if (first !== 0) throw zipError('the zip', `has ${first} bytes before its first member`)
    if ((this.#spans.at(-1)?.end ?? 0) > directory)
      throw zipError('the zip', 'has data that reach into its directory')
  }
}

async function readAt(handle: FileHandle, length: number, position: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** Offset behind the end record that must start at `position`; undefined when there is none. */
async function endOfRecords(handle: FileHandle, position: number): Promise<number | undefined> {
  let at = position
  const start = await readAt(handle, 12, at)
  if (start.length === 12 && start.readUInt32LE(0) === ZIP64_END_RECORD) {
    at += 12 + Number(start.readBigUInt64LE(4)) + ZIP64_LOCATOR_BYTES
  }
  const end = await readAt(handle, END_RECORD_BYTES, at)
  if (end.length < END_RECORD_BYTES || end.readUInt32LE(0) !== END_RECORD) return undefined
  return at + END_RECORD_BYTES + end.readUInt16LE(20)
}

/**
 * The directory must be followed by its end record and nothing else: members beyond the stated count would be seen by
 * some readers only.
 * @param position offset behind the last header of the directory
 * @throws E_ARCHIVE
 */
export async function checkEnd(input: FormatInput, position: number): Promise<void> {
  const handle = await open(input.file).catch((thrown: unknown) => {
    throw toPkgcacheError(thrown, 'E_STORE')
  })
  try {
    if ((await endOfRecords(handle, position)) === input.size) return
    throw zipError(
      'the zip',
      'has something between its last directory header and its end record, or behind that',
    )
  } finally {
    await handle.close()
  }
}

/** The name in the directory header at `position`, for errors about an entry that could not be read. */
export async function nameAt(input: FormatInput, position: number): Promise<string | undefined> {
  const handle = await open(input.file)
  try {
    const header = await readAt(handle, 46, position)
    if (header.length < 46) return undefined
    const name = await readAt(handle, header.readUInt16LE(28), position + 46)
    return name.toString('utf8')
  } finally {
    await handle.close()
  }
}
