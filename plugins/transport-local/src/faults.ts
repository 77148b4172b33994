import { type NodeSpec, PkgcacheError, systemCode } from '@pkgcache/core'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const DENIED = new Set([
  'EACCES',
  'ENOENT',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ELOOP',
  'ENOTEMPTY',
])

export function denied(node: NodeSpec, path: string, why: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE_DENIED', `${path} ${why}`, {
    cause,
    hint: `make ${node.root} a folder that you may write, or choose another root`,
  })
}

/** A fault of the node's folder as E_NODE_DENIED, E_NODE_NOSPC or E_NODE. */
export function explain(error: unknown, node: NodeSpec, path: string): PkgcacheError {
  if (error instanceof PkgcacheError) return error
  const code = systemCode(error)
  if (code !== undefined && DENIED.has(code)) return denied(node, path, `cannot be written (${code})`, error)
  if (code !== undefined && FULL.has(code)) {
    return new PkgcacheError('E_NODE_NOSPC', `no room for ${path} (${code})`, {
      cause: error,
      hint: 'free some space below the root; the old file there is untouched',
    })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new PkgcacheError('E_NODE', `${path} failed: ${message}`, {
    cause: error,
    hint: 'look at the disk or mount that holds the root',
  })
}
