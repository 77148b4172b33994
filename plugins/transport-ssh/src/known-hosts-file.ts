import { createHmac, randomBytes } from 'node:crypto'
import { constants, type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { HostKey } from './known-hosts.ts'

/** A host key to be recorded. */
export interface NewHostKey {
  readonly file: string
  /** As known_hosts spells it: `node1`, `[node1]:2222`. */
  readonly name: string
  readonly key: HostKey
  /** Whether the name is written as a hash. */
  readonly hash: boolean
}

const O_APPEND_RW = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT

/**
 * Appends a host key to a known_hosts file, which is made (0600, its folder 0700) when it is not there. One write to a file
 * opened for appending, so that several nodes and processes can do it at the same time.
 * @throws E_HOST_KEY
 */
export async function record({ file, name, key, hash }: NewHostKey): Promise<void> {
  const line = `${hash ? hashed(name) : name.toLowerCase()} ${key.type} ${key.blob.toString('base64')}\n`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(file, O_APPEND_RW, 0o600)
    try {
      await handle.write((await endsInMidLine(handle)) ? `\n${line}` : line)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new PkgcacheError('E_HOST_KEY', `the new host key of ${name} cannot be recorded in ${file}`, {
      cause,
      hint: 'make that file writable, name another one with knownHosts, or record the key there yourself',
    })
  }
}

async function endsInMidLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== 0x0a
}

/** As ssh-keygen -H: `|1|salt|HMAC-SHA1 of the name`. */
function hashed(name: string): string {
  const salt = randomBytes(20)
  const digest = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64')
  return `|1|${salt.toString('base64')}|${digest}`
}
