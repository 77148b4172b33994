import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeWithCommand, type FormatInput, type Member, PkgcacheError } from '@pkgcache/core'
import { ByteReader } from './byte-reader.ts'
import { archiveError, memberLabel } from './faults.ts'
import { type Item, itemOf } from './items.ts'

const WHAT = 'the 7z archive'
const PROGRAM = fileURLToPath(new URL('./seven-zip.js', import.meta.url))
const HEADER_BYTES = 32
const MAX_LISTING_BYTES = 128 * 1024 * 1024
const MAX_LINK_BYTES = 4096

/**
 * The header that ends the archive must end where the file does; 7-Zip itself passes over what follows.
 * @throws E_ARCHIVE
 */
function checkEnd({ head, size }: FormatInput): void {
  if (head.length < HEADER_BYTES) throw archiveError(WHAT, 'is truncated: it ends within its first header')
  const header = Buffer.from(head.buffer, head.byteOffset, HEADER_BYTES)
  const end = BigInt(HEADER_BYTES) + header.readBigUInt64LE(12) + header.readBigUInt64LE(20)
  if (end > BigInt(size)) throw archiveError(WHAT, `is truncated: it has ${size} of ${end} bytes`)
  if (end < BigInt(size)) throw archiveError(WHAT, `has ${BigInt(size) - end} bytes behind its end`)
}

/** What 7-Zip makes of the archive. Its faults are told as its own, not as those of the program that runs it. */
async function* sevenZip(
  command: 'list' | 'extract',
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* decodeWithCommand([process.execPath, PROGRAM, command, input.file], input.file, signal, WHAT)
  } catch (thrown) {
    if (!(thrown instanceof PkgcacheError)) throw thrown
    throw thrown.map((text) => text.replace(`${basename(process.execPath)} says`, '7-Zip says'))
  }
}

/** Every item in the order of the contents. @throws E_ARCHIVE, E_POLICY, E_ABORTED */
async function listItems(input: FormatInput, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = []
  const decoder = new TextDecoder()
  let rest = ''
  let seen = 0
  for await (const chunk of sevenZip('list', input, signal)) {
    seen += chunk.length
    if (seen > MAX_LISTING_BYTES) throw archiveError(WHAT, 'lists more members than can be read')
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) if (block.trim() !== '') items.push(itemOf(block.trim().split('\n')))
  }
  if (rest.trim() !== '') items.push(itemOf(rest.trim().split('\n')))
  return items
}

async function linkName(item: Item, contents: ByteReader): Promise<string> {
  const label = memberLabel(item.path)
  if (item.size > MAX_LINK_BYTES) throw archiveError(label, `is a link of ${item.size} bytes`)
  const parts: Uint8Array[] = []
  for await (const part of contents.take(item.size, label)) parts.push(part)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
  } catch {
    throw archiveError(label, 'is a link to a name that is not valid UTF-8')
  }
}

async function toMember(item: Item, contents: ByteReader): Promise<Member> {
  const { path, type, mode, mtime } = item
  if (type === 'symlink')
    return { path, type, mode, size: 0, mtime, linkName: await linkName(item, contents) }
  if (type === 'directory') {
    if (item.size !== 0)
      throw archiveError(memberLabel(path), `is a folder with ${item.size} bytes of content`)
    return { path, type, mode, size: 0, mtime }
  }
  return { path, type, mode, size: item.size, mtime, body: contents.take(item.size, memberLabel(path)) }
}

/**
 * The members in the order of the archive, one at a time, checked by 7-Zip against their CRC-32 by the end.
 * @throws E_ARCHIVE, E_POLICY, E_ABORTED
 */
export async function* sevenZipMembers(
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Member, void, undefined> {
  checkEnd(input)
  const items = await listItems(input, signal)
  const contents = new ByteReader(sevenZip('extract', input, signal))
  try {
    for (const item of items) {
      const member = await toMember(item, contents)
      yield member
      // what nobody wanted to read
      await contents.skipRest()
    }
    await contents.end()
  } finally {
    await contents.close()
  }
}
