import { type FileHandle, open } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '@pkgcache/core/errors'

/** Blocks that are kept at most: nodes that get the same file run close to each other, or not at all. */
const MOST_BLOCKS = 96

interface OpenFile {
  readonly handle: FileHandle
  users: number
}

/**
 * Reads local files for many nodes at once: a block that one node just got is likely the next one's, and is read from
 * the disk and allocated once. Blocks are never written to.
 */
export class BlockReader {
  readonly size: number
  readonly #blocks = new Map<string, Promise<Buffer>>()
  readonly #files = new Map<string, Promise<OpenFile>>()

  /** @param size bytes of a block */
  constructor(size: number) {
    this.size = size
  }

  /** Opens a file for reading blocks of it, until `close`. @throws E_STORE */
  async open(file: string): Promise<void> {
    const opened =
      this.#files.get(file) ??
      open(file).then(
        (handle) => ({ handle, users: 0 }),
        (cause: unknown) => {
          this.#files.delete(file)
          throw toPkgcacheError(cause, 'E_STORE')
        },
      )
    this.#files.set(file, opened)
    ;(await opened).users++
  }

  async close(file: string): Promise<void> {
    const opened = await this.#files.get(file)
    if (opened === undefined || --opened.users > 0) return
    this.#files.delete(file)
    for (const key of this.#blocks.keys()) if (key.startsWith(`${file}\n`)) this.#blocks.delete(key)
    await opened.handle.close()
  }

  /**
   * The block of an open file that holds `position`, from its beginning; shorter at the end of the file.
   * @throws E_STORE, E_CORRUPT when the file ends before `position`
   */
  async block(file: string, position: number): Promise<Buffer> {
    const index = Math.floor(position / this.size)
    const key = `${file}\n${index}`
    const block = this.#blocks.get(key) ?? this.#read(file, index * this.size)
    this.#blocks.delete(key)
    this.#blocks.set(key, block)
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > MOST_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest)
    return block
  }

  async #read(file: string, start: number): Promise<Buffer> {
    const opened = await this.#files.get(file)
    const block = Buffer.allocUnsafeSlow(this.size)
    let filled = 0
    while (opened !== undefined && filled < block.length) {
      const { bytesRead } = await opened.handle.read(block, filled, block.length - filled, start + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    if (filled > 0) return block.subarray(0, filled)
    throw new PkgcacheError('E_CORRUPT', `${file} ends after ${start} bytes, sooner than recorded`, {
      hint: 'run "pkgcache verify"',
    })
  }
}
