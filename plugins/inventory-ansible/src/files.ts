import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, isAbsolute, join, relative } from 'node:path'
import { systemCode } from '@pkgcache/core'
import { Broken, type Notes } from './notes.ts'

/** Bytes. An inventory of ten thousand hosts has one or two of these. */
const MAX_SIZE = 4 << 20
/** Folders in folders; deeper is a link to a folder above. */
const MAX_DEPTH = 20

/** What Ansible leaves out of a folder of inventories: hidden files, variables, and its `inventory_ignore_extensions`. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/

const VAR_EXTENSIONS = ['', '.yml', '.yaml', '.json']

/** The text of a file; undefined when the vault has encrypted it. */
export type Content = string | undefined

/** Reads what belongs to inventories; what cannot be read becomes a fault. */
export class Files {
  readonly #dir: string
  readonly #notes: Notes
  readonly #signal: AbortSignal

  /** @param dir what paths are shown relative to */
  constructor(dir: string, notes: Notes, signal: AbortSignal) {
    this.#dir = dir
    this.#notes = notes
    this.#signal = signal
  }

  /** A path as messages name it. */
  shown(path: string): string {
    const short = relative(this.#dir, path)
    return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
  }

  /** The files of an inventory source in Ansible's order: itself, or what lies in the folder and folders in it. */
  async inventories(path: string, depth = 0): Promise<string[]> {
    const kind = await this.#attempt(path, () => kindOf(path))
    if (kind !== 'folder') return kind === 'file' ? [path] : []
    if (depth > MAX_DEPTH) {
      this.#notes.fault({ file: this.shown(path), line: 1 }, 'a folder in itself, by a link')
      return []
    }
    const names = (await this.list(path)).filter((name) => !IGNORED.test(name))
    const found: string[] = []
    for (const name of names) found.push(...(await this.inventories(join(path, name), depth + 1)))
    return found
  }

  /** The names in a folder, sorted; none when there is no such folder. */
  async list(path: string): Promise<string[]> {
    this.#signal.throwIfAborted()
    if ((await kindOf(path).catch(() => 'missing')) === 'missing') return []
    return ((await this.#attempt(path, () => readdir(path))) ?? []).sort()
  }

  /**
   * Files of variables for one name: the first of `name`, `name.yml`, `name.yaml`, `name.json`; of a folder, all in it.
   * @param names what is in the folder `path`
   */
  async variables(path: string, names: readonly string[], name: string): Promise<string[]> {
    for (const extension of VAR_EXTENSIONS) {
      const file = join(path, name + extension)
      if (!names.includes(name + extension)) continue
      const kind = await kindOf(file).catch(() => 'missing')
      if (kind !== 'missing') return kind === 'folder' ? this.#within(file, 0) : [file]
    }
    return []
  }

  async #within(folder: string, depth: number): Promise<string[]> {
    const found: string[] = []
    for (const name of await this.list(folder)) {
      if (name.startsWith('.') || name.endsWith('~') || depth > MAX_DEPTH) continue
      const path = join(folder, name)
      const kind = await kindOf(path).catch(() => 'missing')
      if (kind === 'folder' && extname(name) === '') found.push(...(await this.#within(path, depth + 1)))
      else if (kind === 'file' && VAR_EXTENSIONS.includes(extname(name))) found.push(path)
    }
    return found
  }

  /** @returns nothing after a fault */
  async read(path: string): Promise<{ readonly content: Content } | undefined> {
    this.#signal.throwIfAborted()
    return this.#attempt(path, async () => {
      const { size } = await stat(path)
      if (size > MAX_SIZE) throw new Broken(`larger than ${MAX_SIZE >> 20} MiB`)
      const text = decode(await readFile(path, { signal: this.#signal }))
      if (text.startsWith('$ANSIBLE_VAULT;')) return { content: undefined }
      if (text.startsWith('#!'))
        throw new Broken(
          'a script; dynamic inventories are not run. `ansible-inventory --list --export --yaml` writes what it says',
        )
      if (text.includes('\0')) throw new Broken('a program or another binary file, which is not run')
      return { content: text }
    })
  }

  async #attempt<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
    const at = { file: this.shown(path), line: 1 }
    try {
      return await work()
    } catch (error) {
      this.#signal.throwIfAborted()
      const code = systemCode(error)
      if (error instanceof Broken) this.#notes.fault(at, error.message)
      else if (code === 'ENOENT' || code === 'ENOTDIR') this.#notes.fault(at, 'does not exist')
      else if (code !== undefined) this.#notes.fault(at, `cannot be read (${code})`)
      else throw error
      return undefined
    }
  }
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  const info = await stat(path)
  if (info.isDirectory()) return 'folder'
  if (info.isFile()) return 'file'
  throw new Broken('neither a file nor a folder')
}

/** UTF-8; a line of comment may be in any encoding, as for Ansible. */
function decode(bytes: Buffer): string {
  const strict = new TextDecoder('utf-8', { fatal: true })
  try {
    return strict.decode(bytes)
  } catch {
    // line by line, to name the one that is wrong
  }
  const lines = bytes.toString('latin1').split('\n')
  return lines.map((line, index) => (/^[#;]/.test(line) ? '' : decodeLine(line, index, strict))).join('\n')
}

function decodeLine(line: string, index: number, decoder: InstanceType<typeof TextDecoder>): string {
  try {
    return decoder.decode(Buffer.from(line, 'latin1'))
  } catch (cause) {
    throw new Broken(`line ${index + 1} is not UTF-8`, { cause })
  }
}
