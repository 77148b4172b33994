import { createHash } from 'node:crypto'
import type { Delivery } from '@pkgcache/core'
import type { SFTPWrapper } from 'ssh2'
import type { BlockReader } from './blocks.ts'
import type { Link, Scope } from './link.ts'
import type { RequestWindow } from './window.ts'

/**
 * Bytes per SFTP request. With its header it fits one SSH packet of 32 KiB, and it stays below what ssh2 sends to any
 * server in one request: what is longer it cuts, and sends the rest only after an answer.
 */
const REQUEST_SIZE = 31 * 1024
/** Bytes read from the local file at once. */
export const BLOCK_SIZE = 8 * REQUEST_SIZE

export interface Sending {
  readonly delivery: Delivery
  /** Where in the file it begins, in bytes. */
  readonly offset: number
  readonly scope: Scope
  readonly window: RequestWindow
  readonly reader: BlockReader
  /** @param done bytes of the file that are on the node, those before `offset` too */
  progress(done: number): void
}

/**
 * Writes a local file through an open SFTP handle with many writes under way. Ends when every write is acknowledged.
 * @throws what `Link.wait` throws, ssh2's SFTP errors, E_STORE, E_CORRUPT when the local file is not as long as announced
 */
export async function upload(link: Link, handle: Buffer, sending: Sending): Promise<void> {
  const { reader, delivery } = sending
  await reader.open(delivery.file)
  const pump = new Pump(link, handle, sending)
  try {
    const sftp = await link.sftp(sending.scope)
    await link.wait(sending.scope, () => pump.run(sftp))
  } finally {
    pump.stop()
    await reader.close(delivery.file)
  }
}

class Pump {
  readonly #link: Link
  readonly #handle: Buffer
  readonly #sending: Sending
  #acknowledged: number
  #failure: unknown
  #stopped = false
  #finished: () => void = () => undefined

  constructor(link: Link, handle: Buffer, sending: Sending) {
    this.#link = link
    this.#handle = handle
    this.#sending = sending
    this.#acknowledged = sending.offset
  }

  async run(sftp: SFTPWrapper): Promise<void> {
    const { delivery, offset, reader } = this.#sending
    const acknowledged = new Promise<void>((resolve) => {
      this.#finished = resolve
    })
    let position = offset
    while (position < delivery.size && !this.#stopped) {
      const block = await reader.block(delivery.file, position)
      const start = position % reader.size
      const data = block.subarray(start, Math.min(block.length, start + delivery.size - position))
      await this.#writeBlock(sftp, data, position)
      position += data.length
    }
    if (delivery.size > offset) await acknowledged
    if (this.#failure !== undefined) throw this.#failure
  }

  stop(): void {
    this.#stopped = true
    this.#finished()
  }

  async #writeBlock(sftp: SFTPWrapper, block: Buffer, position: number): Promise<void> {
    for (let at = 0; at < block.length; at += REQUEST_SIZE) {
      const free = this.#sending.window.take()
      if (free !== undefined) await free
      if (this.#stopped) return this.#sending.window.give()
      this.#write(sftp, block.subarray(at, at + REQUEST_SIZE), position + at)
    }
  }

  #write(sftp: SFTPWrapper, data: Buffer, position: number): void {
    const { window, delivery, progress } = this.#sending
    sftp.write(this.#handle, data, 0, data.length, position, (error) => {
      window.give()
      this.#link.touch()
      if (this.#stopped) return
      if (error) {
        this.#failure = error
        this.stop()
        return
      }
      this.#acknowledged += data.length
      progress(this.#acknowledged)
      if (this.#acknowledged === delivery.size) this.#finished()
    })
  }
}

/** Reads a file on the node through an open SFTP handle and hashes it here. @returns SHA-256, hex */
export async function readBack(
  link: Link,
  handle: Buffer,
  size: number,
  scope: Scope,
  window: RequestWindow,
): Promise<string> {
  const hash = createHash('sha256')
  const pending: Promise<Buffer>[] = []
  const ahead = 16
  let asked = 0
  while (asked < size || pending.length > 0) {
    while (asked < size && pending.length < ahead) {
      const request = readFully(link, handle, asked, Math.min(REQUEST_SIZE, size - asked), scope, window)
      request.catch(() => undefined)
      pending.push(request)
      asked += REQUEST_SIZE
    }
    const data = await pending.shift()
    if (data !== undefined) hash.update(data)
  }
  return hash.digest('hex')
}

/** SFTP may answer with less than was asked for. */
async function readFully(
  link: Link,
  handle: Buffer,
  position: number,
  length: number,
  scope: Scope,
  window: RequestWindow,
): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const free = window.take()
    if (free !== undefined) await free
    try {
      const bytes = await link.call<number>(scope, (sftp, done) =>
        sftp.read(handle, data, filled, length - filled, position + filled, done),
      )
      if (bytes === 0) break
      filled += bytes
    } finally {
      window.give()
    }
  }
  return data.subarray(0, filled)
}
