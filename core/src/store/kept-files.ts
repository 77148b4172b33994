import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../errors/error.ts'
import type { KeptCopy } from '../model/kept.ts'
import { makeFolder, OWN_FILE, OWN_FOLDER, PUBLIC_FOLDER, writeFileAtomic } from './atomic.ts'
import type { StoreLayout } from './layout.ts'

/** What a file says of its bytes. */
interface Head extends Omit<KeptCopy, 'bytes'> {
  readonly schema: 1
  readonly url: string
}

const LINE = 0x0a
const HEX = /^[0-9a-f]{64}$/

/**
 * Texts from upstream, one file each, called by the digest of its URL: the SHA-256 of all that follows, a line of JSON,
 * the bytes. What is torn, changed or of another URL does not count.
 */
export class KeptFiles {
  readonly #layout: Pick<StoreLayout, 'root' | 'own' | 'kept'>
  readonly #temp: () => string
  readonly #onDamage: (message: string) => void

  /** @param temp start of the paths of temporary files */
  constructor(
    layout: Pick<StoreLayout, 'root' | 'own' | 'kept'>,
    temp: () => string,
    onDamage: (message: string) => void,
  ) {
    this.#layout = layout
    this.#temp = temp
    this.#onDamage = onDamage
  }

  /** Undefined where there is none that could be read and is whole. @param url without secrets */
  async read(url: string): Promise<KeptCopy | undefined> {
    let content: Buffer
    try {
      content = await readFile(this.#file(url))
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? ''))
        this.#onDamage(`the kept copy of ${url} cannot be read`)
      return undefined
    }
    const kept = parse(content, url)
    if (kept === undefined) this.#onDamage(`the kept copy of ${url} is damaged and does not count`)
    return kept
  }

  /** Replaces it whole; makes the store's folders where there are none. @throws what the disk says */
  async write(url: string, { bytes, ...told }: KeptCopy): Promise<void> {
    const head: Head = { schema: 1, url, ...told }
    const rest = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes])
    const { root, own, kept } = this.#layout
    await makeFolder(root, PUBLIC_FOLDER)
    for (const folder of [own, kept]) await makeFolder(folder, OWN_FOLDER)
    const content = Buffer.concat([Buffer.from(`${sha256(rest)}\n`), rest])
    await writeFileAtomic(this.#file(url), content, OWN_FILE, this.#temp())
  }

  #file(url: string): string {
    return join(this.#layout.kept, sha256(url))
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function parse(content: Buffer, url: string): KeptCopy | undefined {
  const [digest, rest] = split(content)
  if (!HEX.test(digest) || sha256(rest) !== digest) return undefined
  const [line, bytes] = split(rest)
  try {
    const head = JSON.parse(line) as Head
    if (head.schema !== 1 || head.url !== url) return undefined
    const { servedBy, etag, lastModified, fetchedAt } = head
    return {
      bytes,
      servedBy,
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
      fetchedAt,
    }
  } catch {
    return undefined
  }
}

/** The first line, and what follows it. */
function split(content: Buffer): [line: string, rest: Buffer] {
  const end = content.indexOf(LINE)
  return end < 0 ? ['', content] : [content.toString('utf8', 0, end), content.subarray(end + 1)]
}
