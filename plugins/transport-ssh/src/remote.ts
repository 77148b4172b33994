import type { PluginContext } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Stats } from 'ssh2'
import type { BlockReader } from './blocks.ts'
import { denied, explain, isMissing, noSpace, readOnly, sftpStatus, symlink } from './faults.ts'
import type { Link, Scope } from './link.ts'
import type { PartOwner, Target } from './paths.ts'
import type { Found, NodeShell } from './shell.ts'
import { readBack } from './transfer.ts'
import type { RequestWindow, Turns } from './window.ts'

/** Slowest hashing or flushing that is still taken for work, in bytes per ms. */
const SLOWEST_DISK = 4_000
/** ST_RDONLY of statvfs@openssh.com (OpenSSH PROTOCOL, 4.4). */
const READ_ONLY = 1

interface FileSystem {
  /** Bytes free for the user. */
  readonly free: number
  readonly freeNodes: number
  readonly readOnly: boolean
}

/** What the deliveries of one session share. */
export interface Shared {
  readonly link: Link
  readonly window: RequestWindow
  /** One file is sent at a time: then the first one is being checked while the next one goes. */
  readonly uploads: Turns
  readonly reader: BlockReader
  /** Name of the run, hex: what it began it may go on with at once. */
  readonly run: string
  /** With `sudo`, root's. */
  readonly shell: NodeShell
}

/** The file operations of one delivery, each bounded and with its fault explained. */
export class Remote {
  readonly link: Link
  readonly window: RequestWindow
  readonly uploads: Turns
  readonly reader: BlockReader
  readonly shell: NodeShell
  readonly #session: Shared
  readonly #signal: AbortSignal

  constructor(session: Shared, signal: AbortSignal) {
    this.link = session.link
    this.window = session.window
    this.uploads = session.uploads
    this.reader = session.reader
    this.shell = session.shell
    this.#session = session
    this.#signal = signal
  }

  /** Whose the parts are that are made now. */
  get owner(): PartOwner {
    return { run: this.#session.run, process: this.shell.process }
  }

  /** The same connection under another signal. */
  under(signal: AbortSignal): Remote {
    return new Remote(this.#session, signal)
  }

  /** @param bytes what the node has to read or flush in silence */
  scope(step: string, path: string, bytes = 0): Scope {
    return { signal: this.#signal, what: `${step} ${path}`, extra: bytes / SLOWEST_DISK }
  }

  /** The file's own attributes, not those of what it links to. */
  async lstat(path: string): Promise<Stats | undefined> {
    try {
      return await this.link.call<Stats>(this.scope('looking at', path), (sftp, done) =>
        sftp.lstat(path, done),
      )
    } catch (error) {
      if (isMissing(error)) return undefined
      throw explain(error, this.link.node, path, 'looking at')
    }
  }

  /** What there is at a path. A node without a shell is asked over SFTP, and remembers nothing. */
  async look(path: string): Promise<Found> {
    const found = await this.shell.look(this.scope('looking at', path), path)
    if (found !== undefined) return found
    if (this.link.node.sudo) throw this.noRoot(path)
    const stats = await this.lstat(path)
    if (stats === undefined) return { kind: 'missing' }
    if (stats.isSymbolicLink()) return { kind: 'symlink' }
    return stats.isFile() ? { kind: 'file', size: stats.size } : { kind: 'other' }
  }

  /** Why root's shell does not answer: sudo says so, or the account runs no commands at all. */
  noRoot(path: string): PkgcacheError {
    const { complaint } = this.shell
    if (complaint !== '')
      return denied(this.link.node, path, `cannot be reached with sudo: ${JSON.stringify(complaint)}`)
    return new PkgcacheError('E_NODE_SHELL', `${path} cannot be reached with sudo: it runs no commands`, {
      hint: 'sudo: true needs an account that may run commands',
    })
  }

  /** SHA-256 of a file as the node reads it: by a command there, else read back over SFTP. */
  async digest(path: string, size: number): Promise<string> {
    return (await this.shell.digest(this.scope('hashing', path, size), path)) ?? this.readBack(path, size)
  }

  /** SHA-256 of a file, read over SFTP and hashed here. */
  async readBack(path: string, size: number): Promise<string> {
    const scope = this.scope('reading', path)
    try {
      const handle = await this.link.call<Buffer>(scope, (sftp, done) => sftp.open(path, 'r', done))
      const hex = await readBack(this.link, handle, size, scope, this.window)
      await this.link.call(scope, (sftp, done) => sftp.close(handle, done))
      return hex
    } catch (error) {
      throw explain(error, this.link.node, path, 'reading')
    }
  }

  /** Makes the folders that lead to a target, mode 0755. Links below the root are refused. */
  async makeFolders(target: Target): Promise<void> {
    const levels = target.root.split('/').slice(1)
    const above = levels.map((_, index) => `/${levels.slice(0, index + 1).join('/')}`)
    if ((await this.#stat(target.root)) === undefined) {
      for (const path of above) if ((await this.#stat(path)) === undefined) await this.#mkdir(path)
    }
    for (const path of target.below) {
      const found = (await this.lstat(path)) ?? (await this.#mkdir(path))
      if (found?.isSymbolicLink()) throw symlink(path)
      if (found && !found.isDirectory()) throw denied(this.link.node, path, 'is not a folder')
    }
  }

  async #stat(path: string): Promise<Stats | undefined> {
    try {
      return await this.link.call<Stats>(this.scope('looking at', path), (sftp, done) =>
        sftp.stat(path, done),
      )
    } catch (error) {
      if (isMissing(error)) return undefined
      throw explain(error, this.link.node, path, 'looking at')
    }
  }

  async #mkdir(path: string): Promise<undefined> {
    try {
      await this.link.call(this.scope('making', path), (sftp, done) =>
        sftp.mkdir(path, { mode: 0o755 }, done),
      )
    } catch (error) {
      // Another delivery may have made it meanwhile.
      if ((await this.#stat(path))?.isDirectory()) return undefined
      throw await this.refusal(error, path, 0, 'cannot be made')
    }
    return undefined
  }

  /** Why the node did not make or write something: no room, a read-only disk, no permission, or just so. */
  async refusal(error: unknown, path: string, bytes: number, why: string): Promise<Error> {
    if (error !== undefined && sftpStatus(error) === undefined)
      return explain(error, this.link.node, path, 'writing')
    const disk = await this.fileSystem(path.slice(0, path.lastIndexOf('/')) || '/').catch(() => undefined)
    if (disk && !disk.readOnly && (disk.free < Math.max(bytes, 1) || disk.freeNodes === 0)) {
      return noSpace(path, bytes, error)
    }
    return disk?.readOnly ? readOnly(path, error) : denied(this.link.node, path, why, error)
  }

  /** Room below a folder; undefined when the server does not offer statvfs@openssh.com. */
  async fileSystem(folder: string): Promise<FileSystem | undefined> {
    const scope = this.scope('asking for room in', folder)
    const found = await this.optional(scope, (sftp, done) => sftp.ext_openssh_statvfs(folder, done as never))
    if (typeof found !== 'object' || found === null) return undefined
    const field = (name: string) => Number((found as Record<string, unknown>)[name] ?? 0)
    return {
      free: field('f_bavail') * field('f_frsize'),
      freeNodes: field('f_files') === 0 ? 1 : field('f_favail'),
      readOnly: (field('f_flag') & READ_ONLY) !== 0,
    }
  }

  /**
   * A request of an extension that not every server offers: ssh2 throws before it sends anything then.
   * @returns false when the server does not offer it
   */
  async optional(scope: Scope, request: Parameters<Link['call']>[1]): Promise<unknown> {
    let offered = true
    const value = await this.link.call<unknown>(scope, (sftp, done) => {
      try {
        request(sftp, done as never)
      } catch {
        offered = false
        done()
      }
    })
    return offered ? (value ?? true) : false
  }
}

/** What every delivery needs besides its session. */
export type DeliveryContext = Pick<PluginContext, 'signal' | 'progress' | 'logger'>
