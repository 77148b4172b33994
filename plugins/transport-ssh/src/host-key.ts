import { readFile } from 'node:fs/promises'
import { type NodeSpec, PkgcacheError, systemCode } from '@pkgcache/core'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { fingerprint, type HostKey, type KnownHost, keyType, lookUpHost } from './known-hosts.ts'
import { expandHome, quote } from './paths.ts'

/** Decides on the key a node shows. */
export interface HostKeyCheck {
  /** In order of preference: those of the keys known for the host first, as OpenSSH orders them. */
  readonly algorithms: ServerHostKeyAlgorithm[]
  /** @returns nothing for a known key, else the error: E_HOST_KEY */
  judge(key: Buffer): PkgcacheError | undefined
}

// Signature algorithms by key type; ssh-rsa with SHA-1 (RFC 8332) and ssh-dss are not offered, as in OpenSSH's defaults.
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * Reads the node's known_hosts file.
 * @throws E_HOST_KEY when the file is there and cannot be read
 */
export async function hostKeyCheck(node: NodeSpec, host: string, port: number): Promise<HostKeyCheck> {
  const file = expandHome(node.knownHosts ?? '~/.ssh/known_hosts')
  const known = lookUpHost(await readKnownHosts(file), host, port)
  const knownTypes = known.keys.map((key) => key.type)
  const types = [...new Set([...knownTypes, ...Object.keys(ALGORITHMS)])]
  const place = { host, port, file }
  return {
    algorithms: types.flatMap((type) => ALGORITHMS[type] ?? []),
    judge: (blob) => judge(known, { type: keyType(blob) ?? 'unknown type', blob }, place),
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly file: string
}

function judge(known: KnownHost, key: HostKey, place: Place): PkgcacheError | undefined {
  const same = (other: HostKey) => other.blob.equals(key.blob)
  const shown = `${key.type} ${fingerprint(key.blob)}`
  const who = `${place.host}:${place.port}`
  if (known.revoked.some(same)) {
    return new PkgcacheError(
      'E_HOST_KEY',
      `${who} shows the host key ${shown}, which ${place.file} revokes`,
      {
        hint: 'do not connect; give the node a new host key, then record that one',
      },
    )
  }
  if (known.keys.some(same)) return undefined
  if (known.keys.length > 0) {
    const expected = known.keys.map((other) => `${other.type} ${fingerprint(other.blob)}`).join(', ')
    return new PkgcacheError(
      'E_HOST_KEY',
      `${who} shows the host key ${shown}, but ${place.file} has ${expected} for it`,
      {
        hint: `if the node was reinstalled: ssh-keygen -R ${quote(hostName(place))} -f ${quote(place.file)}, then ${scan(place)}`,
      },
    )
  }
  return new PkgcacheError(
    'E_HOST_KEY',
    `${who} shows the host key ${shown}, which is not in ${place.file}`,
    {
      hint: `${authorityNote(known)}compare the fingerprint with the node's own (ssh-keygen -lf on its host key), then ${scan(place)}`,
    },
  )
}

function authorityNote(known: KnownHost): string {
  if (known.authorities === 0) return ''
  return 'the only lines for this host are @cert-authority, and host certificates are not supported; '
}

function hostName(place: Place): string {
  return place.port === 22 ? place.host : `[${place.host}]:${place.port}`
}

function scan(place: Place): string {
  return `record it: ssh-keyscan -p ${place.port} ${quote(place.host)} >> ${quote(place.file)}`
}

async function readKnownHosts(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return ''
    throw new PkgcacheError('E_HOST_KEY', `the known hosts in ${file} cannot be read`, {
      cause,
      hint: 'check that it is a file and readable; host keys are never taken unchecked',
    })
  }
}
