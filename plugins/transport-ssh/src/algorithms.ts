import { PkgcacheError } from '@pkgcache/core/errors'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { wildcard } from './known-hosts.ts'

// Signature algorithms by key type; ssh-rsa with SHA-1 (RFC 8332) and ssh-dss are not offered, as in OpenSSH's defaults.
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}
const ALL = Object.values(ALGORITHMS).flat()

/**
 * Host key algorithms in order of preference.
 * @param knownTypes of the keys known for the host: they come first, unless `wanted` is a list of its own
 * @param wanted HostKeyAlgorithms of ssh_config(5): a list of patterns, or one that `+` appends, `-` takes away or `^` puts first
 * @throws E_SSH_CONFIG when nothing is left of it
 */
export function chooseAlgorithms(
  knownTypes: readonly string[],
  wanted: string | undefined,
): ServerHostKeyAlgorithm[] {
  const preferred = [...new Set([...knownTypes, ...Object.keys(ALGORITHMS)])].flatMap(
    (type) => ALGORITHMS[type] ?? [],
  )
  if (wanted === undefined || wanted.startsWith('+')) return preferred
  const patterns = wanted.replace(/^[-^]/, '').split(',').map(wildcard)
  const named = patterns.flatMap((pattern) => ALL.filter((one) => pattern.test(one)))
  const rest = preferred.filter((one) => !named.includes(one))
  const chosen = wanted.startsWith('-') ? rest : wanted.startsWith('^') ? [...named, ...rest] : named
  if (chosen.length > 0) return [...new Set(chosen)]
  throw new PkgcacheError('E_SSH_CONFIG', `HostKeyAlgorithms ${wanted} names none that pkgcache knows`, {
    hint: `it knows ${ALL.join(', ')}`,
  })
}
