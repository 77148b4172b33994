import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type NodeFile, type NodeSpec, systemCode } from '@pkgcache/core'
import { denied, explain } from './faults.ts'
import { checkSignal } from './folder.ts'

/** How deep what pkgcache delivers lies at most: `<name>/<platform>/<arch>/<version>/<file>`. */
const DEPTH = 5
const OWN = '.pkgcache'

/** What tells a file from another one that took its place. */
interface Mark {
  readonly path: string
  readonly size: number
  /** In ns since the epoch, as decimal digits. */
  readonly mtime: string
}

async function markOf(root: string, path: string): Promise<Mark> {
  const { size, mtimeNs } = await lstat(join(root, path), { bigint: true })
  return { path, size: Number(size), mtime: `${mtimeNs}` }
}

/** Notes that a file was delivered. Where that cannot be noted, the file is nobody's later, and stays. */
export async function note(node: NodeSpec, path: string): Promise<void> {
  try {
    await mkdir(join(node.root, OWN), { mode: 0o755 }).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW
    const file = await open(join(node.root, OWN, 'delivered'), flags, 0o644)
    try {
      await file.writeFile(`${JSON.stringify(await markOf(node.root, path))}\n`)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
}

async function noted(root: string): Promise<Set<string>> {
  const text = await readFile(join(root, OWN, 'delivered'), 'utf8').catch(() => '')
  return new Set(text.split('\n'))
}

/** Every plain file below the root, hidden ones left out, as deep as pkgcache puts any. */
export async function listFiles(node: NodeSpec, signal: AbortSignal): Promise<NodeFile[]> {
  const { root } = node
  const lines = await noted(root)
  const files: NodeFile[] = []
  const visit = async (folder: string, depth: number): Promise<void> => {
    checkSignal(signal)
    for (const entry of await entriesOf(node, folder)) {
      if (entry.name.startsWith('.')) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && depth < DEPTH) await visit(path, depth + 1)
      if (!entry.isFile()) continue
      const mark = await markOf(root, path)
      files.push({ remotePath: path, size: mark.size, delivered: lines.has(JSON.stringify(mark)) })
    }
  }
  await visit('', 1)
  return files.sort((a, b) => (a.remotePath < b.remotePath ? -1 : 1))
}

async function entriesOf(node: NodeSpec, folder: string) {
  const path = join(node.root, folder)
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw explain(error, node, path)
  }
}

/** Removes a file, and the folders up to the root that are empty then. @param path of the file, absolute */
export async function removeFile(node: NodeSpec, path: string): Promise<void> {
  try {
    await refuseLinks(node, path)
    await unlink(path)
    for (let folder = dirname(path); folder !== join(node.root); folder = dirname(folder)) await rmdir(folder)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw explain(error, node, path)
  }
}

async function refuseLinks(node: NodeSpec, path: string): Promise<void> {
  for (let at = path; at !== join(node.root); at = dirname(at))
    if ((await lstat(at)).isSymbolicLink())
      throw denied(node, at, 'is a symbolic link, which is never followed or removed')
}
