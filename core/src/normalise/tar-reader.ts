import { Header } from 'tar'
import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import { damaged, hostile, placed, quoted } from './faults.ts'
import { type PaxFields, parsePax } from './pax.ts'

const BLOCK = 512
// a long name or a pax header larger than this is a trick, not a name
const MAX_EXTENSION = 64 * 1024

/** A member's header as the archive states it, extensions applied; nothing is judged yet. */
export interface RawMember {
  readonly path: string
  /** The type flag: `0` file, `1` hard link, `2` symlink, `5` directory, … */
  readonly flag: string
  readonly mode: number
  readonly size: number
  /** Seconds since the epoch. */
  readonly mtime: number
  readonly linkName: string
}

/** What the reader tells, synchronously and in order. */
export interface TarSink {
  member(member: RawMember): void
  data(bytes: Uint8Array): void
  memberEnd(): void
}

interface Extension {
  readonly flag: string
  readonly parts: Uint8Array[]
  left: number
}

/**
 * A strict tar parser: POSIX ustar and pax, GNU long names. Where tar programs disagree about what an archive means,
 * it refuses (E_POLICY); what no archive may look like is damage (E_ARCHIVE).
 */
export class TarReader {
  readonly #sink: TarSink
  readonly #block = Buffer.alloc(BLOCK)
  #filled = 0
  #bodyLeft = 0
  #paddingLeft = 0
  #extension: Extension | undefined
  #pax: PaxFields | undefined
  #longPath: string | undefined
  #longLink: string | undefined
  #zeroBlocks = 0
  /** Name of the member that began last. */
  #last: string | undefined
  /** What is wrong with an extended header: told with the name of the member it belongs to, which comes behind it. */
  #fault: PkgcacheError | undefined

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** @throws E_ARCHIVE, E_POLICY */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) at += this.#body(chunk.subarray(at, at + this.#bodyLeft))
      else if (this.#paddingLeft > 0) at += this.#padding(Math.min(this.#paddingLeft, chunk.length - at))
      else at += this.#collect(chunk.subarray(at, at + BLOCK - this.#filled))
    }
  }

  /** Where in the archive it is, for messages. */
  get place(): string {
    return this.#last === undefined ? 'before its first member' : `after member ${quoted(this.#last)}`
  }

  /** To be called at the end of the stream. @throws E_ARCHIVE for a truncated one */
  end(): void {
    if (this.#bodyLeft > 0 && this.#extension === undefined && this.#last !== undefined)
      throw damaged(`the tar archive ends in the middle of member ${quoted(this.#last)}`)
    if (this.#filled > 0 || this.#bodyLeft > 0 || this.#paddingLeft > 0 || this.#extension !== undefined)
      throw damaged(`the tar archive ends in the middle of a block ${this.place}`)
    if (this.#fault !== undefined) throw this.#fault
    if (this.#pax !== undefined || this.#longPath !== undefined || this.#longLink !== undefined)
      throw damaged(`the tar archive ends with a header that belongs to no member, ${this.place}`)
    if (this.#zeroBlocks < 2) throw damaged(`the tar archive ends without its end marker, ${this.place}`)
  }

  #body(part: Uint8Array): number {
    this.#bodyLeft -= part.length
    if (this.#extension) this.#extension.parts.push(Uint8Array.from(part))
    else this.#sink.data(part)
    if (this.#bodyLeft === 0) this.#bodyEnd()
    return part.length
  }

  #padding(length: number): number {
    this.#paddingLeft -= length
    return length
  }

  #collect(part: Uint8Array): number {
    this.#block.set(part, this.#filled)
    this.#filled += part.length
    if (this.#filled === BLOCK) {
      this.#filled = 0
      this.#header()
    }
    return part.length
  }

  #header(): void {
    const header = this.#parse()
    if (header.nullBlock) {
      this.#zeroBlocks++
      return
    }
    if (this.#zeroBlocks > 0)
      throw hostile(`the tar archive goes on behind its end marker, which comes ${this.place}`)
    if (!header.cksumValid) throw this.#badHeader()
    const flag = String.fromCharCode(this.#block[156] || 0x30)
    const size = sizeField(this.#block)
    const path = header.path ?? ''
    if (size === undefined) throw damaged(`member ${quoted(path)}: its size is not a number`)
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') this.#startExtension(path, flag, size)
    else this.#startMember(header, flag, size)
  }

  #parse(): Header {
    try {
      return new Header(this.#block)
    } catch (cause) {
      throw this.#badHeader(cause)
    }
  }

  #badHeader(cause?: unknown): PkgcacheError {
    return damaged(`the tar archive is damaged: bad header ${this.place}`, cause)
  }

  #startExtension(path: string, flag: string, size: number): void {
    if (size > MAX_EXTENSION) {
      throw hostile(
        `the extended header ${quoted(path)} has ${size} bytes (the most that is taken is ${MAX_EXTENSION})`,
      )
    }
    if (flag !== 'g' && this.#pending(flag)) {
      this.#fault ??= hostile(
        `two extended headers of type "${flag}" for one member: tar programs differ on which counts`,
      )
    }
    this.#extension = { flag, parts: [], left: size }
    this.#startBody(size)
  }

  #pending(flag: string): boolean {
    if (flag === 'L') return this.#longPath !== undefined
    if (flag === 'K') return this.#longLink !== undefined
    return this.#pax !== undefined
  }

  #startMember(header: Header, flag: string, headerSize: number): void {
    const plain = header.path ?? ''
    if (this.#fault !== undefined) throw placed(this.#fault, `member ${quoted(plain)}`)
    const pax = this.#pax ?? {}
    const path = choose('path', plain, [this.#longPath, pax.path, plain])
    const linkName = choose('link', plain, [this.#longLink, pax.linkpath, this.#linkName()])
    const size = pax.size ?? headerSize
    this.#pax = undefined
    this.#longPath = undefined
    this.#longLink = undefined
    this.#last = path
    const mtime = pax.mtime ?? (header.mtime ? header.mtime.getTime() / 1000 : 0)
    this.#sink.member({ path, flag, size, linkName, mode: header.mode ?? 0, mtime })
    this.#startBody(size)
  }

  /** node-tar's header keeps the link name of links only; tricks hide in the others. */
  #linkName(): string {
    const field = this.#block.subarray(157, 257)
    const end = field.indexOf(0)
    return field.toString('utf8', 0, end === -1 ? field.length : end)
  }

  #startBody(size: number): void {
    this.#bodyLeft = size
    this.#paddingLeft = (BLOCK - (size % BLOCK)) % BLOCK
    if (size === 0) this.#bodyEnd()
  }

  #bodyEnd(): void {
    if (this.#extension === undefined) {
      this.#sink.memberEnd()
      return
    }
    const { flag, parts } = this.#extension
    this.#extension = undefined
    try {
      this.#extend(flag, Buffer.concat(parts))
    } catch (fault) {
      if (!(fault instanceof PkgcacheError)) throw fault
      this.#fault ??= fault
    }
  }

  #extend(flag: string, content: Buffer): void {
    if (flag === 'x') this.#pax = parsePax(content)
    else if (flag === 'g') refuseGlobal(parsePax(content))
    else this.#longName(flag, content)
  }

  #longName(flag: string, content: Buffer): void {
    const end = content.indexOf(0)
    const name = content.toString('utf8', 0, end === -1 ? content.length : end)
    if (flag === 'L') this.#longPath = name
    else this.#longLink = name
  }
}

/** The name that counts: GNU's, pax's, or the header's own. @throws E_POLICY where two extensions differ */
function choose(
  what: string,
  member: string,
  [gnu, pax, plain]: readonly [string | undefined, string | undefined, string],
): string {
  if (gnu === undefined || pax === undefined || gnu === pax) return gnu ?? pax ?? plain
  throw hostile(`member ${quoted(member)} has two different ${what} names: ${quoted(gnu)} and ${quoted(pax)}`)
}

/** A global header may carry a comment (git archive writes one); anything else would rename later members. */
function refuseGlobal(fields: PaxFields): void {
  const [key] = Object.keys(fields)
  if (key !== undefined) {
    throw hostile(`a global pax header sets "${printable(key)}" for all members`)
  }
}

/**
 * The size field: octal, or base 256 as GNU tar and star write it. node-tar reads a folder's size, a negative one
 * and what it cannot read as zero, and would take a body for headers.
 * @returns undefined for what is no size
 */
function sizeField(block: Buffer): number | undefined {
  const field = block.subarray(124, 136)
  if (field.readUInt8(0) === 0x80) {
    const value = field.readUIntBE(1, 3) === 0 ? Number(field.readBigUInt64BE(4)) : Number.POSITIVE_INFINITY
    return Number.isSafeInteger(value) ? value : undefined
  }
  const [, digits] = /^ *([0-7]*)(?:[ \0]|$)/.exec(field.toString('latin1')) ?? []
  return digits === undefined ? undefined : Number.parseInt(digits || '0', 8)
}

/** What a decoder finds damaged is told with the member that began last. */
export async function* faultsPlaced(
  tar: AsyncIterable<Uint8Array>,
  reader: TarReader,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* tar
  } catch (thrown) {
    if (!(thrown instanceof PkgcacheError) || thrown.code !== 'E_ARCHIVE') throw thrown
    throw thrown.map((text) => (text === thrown.message ? `${text}, ${reader.place}` : text))
  }
}
