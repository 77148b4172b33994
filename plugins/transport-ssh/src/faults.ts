import type { NodeSpec } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import ssh2 from 'ssh2'

/** For whoever lost a connection. */
export const LOST_HINT =
  'check the line to the node and run again: what has arrived there is kept and gone on with'

const { STATUS_CODE } = ssh2.utils.sftp

/** The SFTP status an error of ssh2 carries (draft-ietf-secsh-filexfer-02, 7), if it does. */
export function sftpStatus(error: unknown): number | undefined {
  if (error instanceof PkgcacheError || !(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

export function isMissing(error: unknown): boolean {
  return sftpStatus(error) === STATUS_CODE.NO_SUCH_FILE
}

export function denied(node: NodeSpec, path: string, why: string, cause?: unknown): PkgcacheError {
  const hint = node.sudo
    ? `check that ${node.user ?? 'the user'} may run "sudo -n sh" on the node`
    : `make ${path} writable for the user on the node, choose another root, or set sudo: true`
  return new PkgcacheError('E_NODE_DENIED', `${path} ${why}`, { cause, hint })
}

export function readOnly(path: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE_READ_ONLY', `${path} is on a read-only filesystem`, {
    cause,
    hint: 'mount it read-write on the node, or choose another root',
  })
}

/** What is delivered never goes through a link, and never takes the place of one. */
export function symlink(path: string): PkgcacheError {
  return new PkgcacheError(
    'E_NODE_SYMLINK',
    `${path} is a symbolic link, which is never followed or replaced`,
    {
      hint: 'look at who made it; remove it on the node, or choose another root',
    },
  )
}

export function notAFile(node: NodeSpec, path: string): PkgcacheError {
  return denied(node, path, 'is not a regular file')
}

export function noSpace(path: string, bytes: number, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE_NOSPC', `no room for ${path} (${bytes} bytes)`, {
    cause,
    hint: 'free some space on the node; the old file there is untouched',
  })
}

/** Any fault of one step as a PkgcacheError that names the path. */
export function explain(error: unknown, node: NodeSpec, path: string, step: string): PkgcacheError {
  if (error instanceof PkgcacheError) return error
  const status = sftpStatus(error)
  const message = error instanceof Error ? error.message : String(error)
  if (status === STATUS_CODE.PERMISSION_DENIED)
    return denied(node, path, `cannot be used: ${step} is refused`, error)
  if (status !== undefined) {
    return new PkgcacheError('E_NODE', `${step} ${path} failed: ${JSON.stringify(message)}`, {
      cause: error,
      hint: 'look at the disk, the quota and the log of sshd on the node',
    })
  }
  // Without a status it is ssh2's word on a channel or connection that is gone.
  return new PkgcacheError(
    'E_NODE_LOST',
    `the connection was lost while ${step} ${path}: ${JSON.stringify(message)}`,
    { cause: error, retryable: true, hint: LOST_HINT },
  )
}
