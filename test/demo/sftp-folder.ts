import type { Stats } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from 'ssh2'

const { STATUS_CODE, flagsToString } = ssh2.utils.sftp

/** Answers SFTP requests from one real folder; other paths are refused. Ends with its channel. */
export function serveFolder(sftp: SFTPWrapper, root: string): void {
  const files = new OpenFiles()
  const answer = (id: number, work: () => Promise<void>) => {
    work().catch((error: unknown) => sftp.status(id, statusOf(error)))
  }
  const change = (id: number, work: () => Promise<unknown>) => {
    answer(id, async () => {
      await work()
      sftp.status(id, STATUS_CODE.OK)
    })
  }
  const inside = (path: string) => insideOf(root, path)
  sftp.on('OPEN', (id, path, flags, attrs) =>
    answer(id, async () => {
      const file = await open(inside(path), flagsToString(flags) ?? 'r', attrs.mode ?? 0o644)
      sftp.handle(id, files.add(file))
    }),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const { bytesRead, buffer } = await files.get(handle).read(Buffer.alloc(length), 0, length, offset)
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF)
      else sftp.data(id, buffer.subarray(0, bytesRead))
    }),
  )
  sftp.on('WRITE', (id, handle, offset, data) => {
    change(id, () => writeAll(files.get(handle), data, offset))
  })
  const closeFolder = serveListings(sftp, inside, answer)
  sftp.on('CLOSE', (id, handle) => {
    change(id, async () => closeFolder(handle) || files.remove(handle))
  })
  sftp.on('FSTAT', (id, handle) =>
    answer(id, async () => sftp.attrs(id, attributes(await files.get(handle).stat()))),
  )
  sftp.on('STAT', (id, path) => answer(id, async () => sftp.attrs(id, attributes(await stat(inside(path))))))
  sftp.on('LSTAT', (id, path) =>
    answer(id, async () => sftp.attrs(id, attributes(await lstat(inside(path))))),
  )
  sftp.on('SETSTAT', (id, path, attrs) => change(id, () => chmod(inside(path), attrs.mode & 0o7777)))
  sftp.on('MKDIR', (id, path, attrs) => change(id, () => mkdir(inside(path), attrs.mode ?? 0o755)))
  sftp.on('RMDIR', (id, path) => change(id, () => rmdir(inside(path))))
  sftp.on('REMOVE', (id, path) => change(id, () => unlink(inside(path))))
  sftp.on('RENAME', (id, from, to) => change(id, () => rename(inside(from), inside(to))))
  sftp.on('close', () => void files.closeAll())
}

/** Lists folders, each in one answer. @returns closes the handle of a folder; false for any other */
function serveListings(
  sftp: SFTPWrapper,
  inside: (path: string) => string,
  answer: (id: number, work: () => Promise<void>) => void,
): (handle: Buffer) => boolean {
  const left = new Map<string, FileEntry[]>()
  let last = 0
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      const folder = inside(path)
      const entries = (await readdir(folder)).map(async (name) => {
        const attrs = attributes(await lstat(join(folder, name)))
        return { filename: name, longname: name, attrs }
      })
      const handle = `folder ${++last}`
      left.set(handle, await Promise.all(entries))
      sftp.handle(id, Buffer.from(handle))
    }),
  )
  sftp.on('READDIR', (id, handle) => {
    const entries = left.get(handle.toString()) ?? []
    left.set(handle.toString(), [])
    if (entries.length === 0) sftp.status(id, STATUS_CODE.EOF)
    else sftp.name(id, entries)
  })
  return (handle) => left.delete(handle.toString())
}

class OpenFiles {
  readonly #files = new Map<number, FileHandle>()
  #last = 0

  add(file: FileHandle): Buffer {
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(++this.#last)
    this.#files.set(this.#last, file)
    return handle
  }

  get(handle: Buffer): FileHandle {
    const file = handle.length === 4 ? this.#files.get(handle.readUInt32BE()) : undefined
    if (file === undefined) throw new Error('no such handle')
    return file
  }

  async remove(handle: Buffer): Promise<void> {
    const file = this.get(handle)
    this.#files.delete(handle.readUInt32BE())
    await file.close()
  }

  async closeAll(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    await Promise.allSettled(files.map((file) => file.close()))
  }
}

async function writeAll(file: FileHandle, data: Buffer, offset: number): Promise<void> {
  let done = 0
  while (done < data.length)
    done += (await file.write(data, done, data.length - done, offset + done)).bytesWritten
}

function insideOf(root: string, path: string): string {
  const absolute = resolve(root, path)
  if (absolute === root || absolute.startsWith(root + sep)) return absolute
  throw Object.assign(new Error('outside the folder'), { code: 'EACCES' })
}

function attributes(stats: Stats): Attributes {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = stats
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) }
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED
  return STATUS_CODE.FAILURE
}
