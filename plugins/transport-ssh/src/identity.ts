import { readFile } from 'node:fs/promises'
import { type NodeSpec, PkgcacheError, systemCode } from '@pkgcache/core'
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2'
import { expandHome } from './paths.ts'

const DEFAULT_FILES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']

/**
 * The ways to log in to a node, in the order they are tried: its key file alone when one is given, else the agent
 * (`SSH_AUTH_SOCK`) and then the default key files that are there.
 * @throws E_IDENTITY
 */
export async function identities(node: NodeSpec, username: string): Promise<AnyAuthMethod[]> {
  if (node.identityFile !== undefined) {
    return [{ type: 'publickey', username, key: await readKey(expandHome(node.identityFile)) }]
  }
  const agent = process.env.SSH_AUTH_SOCK
  const methods: AnyAuthMethod[] = agent ? [{ type: 'agent', username, agent }] : []
  const faults: unknown[] = []
  for (const file of DEFAULT_FILES) {
    try {
      methods.push({ type: 'publickey', username, key: await readKey(expandHome(file)) })
    } catch (fault) {
      if (systemCode((fault as Error).cause) !== 'ENOENT') faults.push(fault)
    }
  }
  if (methods.length > 0) return methods
  if (faults.length > 0) throw faults[0]
  throw new PkgcacheError('E_IDENTITY', `there is no key to log in with`, {
    hint: `set identityFile, start an SSH agent, or create one of ${DEFAULT_FILES.join(', ')}`,
  })
}

async function readKey(file: string): Promise<ParsedKey> {
  const fail = (why: string, hint: string, cause?: unknown) =>
    new PkgcacheError('E_IDENTITY', `key file ${file} ${why}`, { hint, cause })
  let text: Buffer
  try {
    text = await readFile(file)
  } catch (cause) {
    const why = systemCode(cause) === 'ENOENT' ? 'does not exist' : `cannot be read (${systemCode(cause)})`
    throw fail(
      why,
      'check the path and its permissions, or leave identityFile out to use an SSH agent',
      cause,
    )
  }
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) {
    if (/encrypted|passphrase/i.test(key.message)) {
      throw fail(
        'is encrypted',
        'load it with ssh-add and leave identityFile out: the SSH agent is used then',
        key,
      )
    }
    throw fail('is not a private key', 'give an OpenSSH or PEM private key', key)
  }
  const single = Array.isArray(key) ? key[0] : key
  if (single?.isPrivateKey()) return single
  throw fail('is a public key', 'give the private key, which usually has the same name without .pub')
}
