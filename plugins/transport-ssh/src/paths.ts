import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join, posix } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'

/** Where one delivery goes on a node. All paths are absolute and safe to quote. */
export interface Target {
  readonly path: string
  /** The folder that holds `path`. */
  readonly folder: string
  /** The folders below the root that lead to `path`, outermost first. */
  readonly below: readonly string[]
  readonly root: string
}

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/
// Backslashes are left out because not every login shell leaves them alone inside single quotes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const UNSAFE = /[\u0000-\u001f\u007f\\]/

/**
 * Joins a node's root and a delivery's path.
 * @throws E_CONFIG when the root cannot be used, E_NAME when a segment of `remotePath` is not a plain name
 */
export function targetOf(node: NodeSpec, remotePath: string): Target {
  const root = checkRoot(node)
  const segments = remotePath.split('/')
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    throw new PkgcacheError('E_NAME', `${JSON.stringify(remotePath)} cannot be a path on a node`, {
      hint: 'each segment starts with a letter or digit and holds letters, digits and . _ + ~ - only',
    })
  }
  const below = segments.slice(0, -1).map((_, index) => posix.join(root, ...segments.slice(0, index + 1)))
  return { path: posix.join(root, ...segments), folder: below.at(-1) ?? root, below, root }
}

/** @throws E_CONFIG when it cannot be used */
export function checkRoot(node: NodeSpec): string {
  const normal = posix.normalize(node.root)
  if (posix.isAbsolute(node.root) && !UNSAFE.test(node.root) && !node.root.split('/').includes('..')) {
    return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
  }
  throw new PkgcacheError('E_CONFIG', `root ${JSON.stringify(node.root)} cannot be used`, {
    hint: 'give an absolute path on the node, without "..", backslashes or control characters',
  })
}

/** Who fills a part. */
export interface PartOwner {
  /** Name of the run, hex. */
  readonly run: string
  /** Process on the node that lives as long as its connection; absent when it runs no commands. */
  readonly process: number | undefined
}

/**
 * A fresh hidden name beside `path` for bytes of this digest:
 * `.<file>.<16 digits of it>.<run>.<process>.<random>.part`.
 */
export function partOf(path: string, sha256: string, owner: PartOwner): string {
  const fields = [sha256.slice(0, 16), owner.run, owner.process ?? 0, randomBytes(4).toString('hex')]
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.${fields.join('.')}.part`)
}

/** Whether the file of that name is a part, of `path`, for bytes of this digest. */
export function isPartOf(name: string, path: string, sha256: string): boolean {
  return name.startsWith(`.${posix.basename(path)}.${sha256.slice(0, 16)}.`) && name.endsWith('.part')
}

/** `text` as one word for a POSIX shell (and for csh and fish, given no backslash and no line break in it). */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** A local path with a leading `~/` replaced by the home folder. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
