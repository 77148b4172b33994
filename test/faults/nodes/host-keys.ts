import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeFault } from './kit.ts'
import type { Site } from './site.ts'

const FINGERPRINT = /SHA256:[A-Za-z0-9+/]{43}/

/** A node whose known_hosts holds what is said here. @param lines of the name and the key that the server has */
function knowing(lines: (name: string, key: string, other: string) => readonly string[]): NodeFault['given'] {
  return async (site) => {
    const { sshd } = site
    const root = await site.root()
    const known = join(await site.folder(), 'known_hosts')
    const key = (await readFile(join(sshd.folder, 'host_ed25519.pub'), 'utf8')).trim()
    const other = (await readFile(`${await site.key()}.pub`, 'utf8')).trim()
    const text = lines(`[${sshd.host}]:${sshd.port}`, key, other)
    await writeFile(known, text.map((line) => `${line}\n`).join(''))
    const node = await site.on(sshd, root, { knownHosts: known })
    return { node, root, heal: () => ({ knownHosts: sshd.knownHosts }) }
  }
}

/** The same, and what may come of it is seen in the file. */
function acceptingNew(given: NodeFault['given']): NodeFault['given'] {
  return async (site: Site) => {
    const { node, ...rest } = await given(site)
    return { ...rest, node: { ...node, hostKeys: 'accept-new' } }
  }
}

export const HOST_KEYS: readonly NodeFault[] = [
  {
    what: 'a host key that is not known',
    code: 'E_HOST_KEY',
    says: FINGERPRINT,
    hint: 'ssh-keyscan',
    given: knowing((_, __, other) => [`elsewhere ${other}`]),
  },
  {
    what: 'a host key that is known for another port',
    code: 'E_HOST_KEY',
    says: FINGERPRINT,
    given: knowing((_, key) => [`[127.0.0.1]:1 ${key}`]),
  },
  {
    what: 'a host key under a hashed name of another host',
    code: 'E_HOST_KEY',
    says: FINGERPRINT,
    given: async (site) => {
      const given = await knowing((_, key) => [`elsewhere ${key}`])(site)
      execFileSync('ssh-keygen', ['-q', '-H', '-f', given.node.knownHosts ?? ''], { stdio: 'ignore' })
      return given
    },
  },
  {
    what: 'no known_hosts file',
    code: 'E_HOST_KEY',
    says: FINGERPRINT,
    given: async (site) => {
      const root = await site.root()
      const { knownHosts } = site.sshd
      const none = join(await site.folder(), 'none')
      const node = await site.on(site.sshd, root, { knownHosts: none })
      return { node, root, heal: () => ({ knownHosts }) }
    },
  },
  {
    what: 'a known_hosts file that is a folder',
    code: 'E_HOST_KEY',
    says: 'cannot be read',
    given: async (site) => {
      const root = await site.root()
      const { knownHosts } = site.sshd
      const node = await site.on(site.sshd, root, { knownHosts: await site.folder() })
      return { node, root, heal: () => ({ knownHosts }) }
    },
  },
  {
    what: 'a host key that changed',
    code: 'E_HOST_KEY_CHANGED',
    // that it shows, and that is known
    says: new RegExp(`${FINGERPRINT.source}.*${FINGERPRINT.source}`),
    hint: 'ssh-keygen -R',
    given: knowing((name, _, other) => [`${name} ${other}`]),
  },
  {
    what: 'a host key that changed, where new ones are accepted',
    code: 'E_HOST_KEY_CHANGED',
    given: acceptingNew(knowing((name, _, other) => [`${name} ${other}`])),
  },
  {
    what: 'a host key that is revoked, although it is known',
    code: 'E_HOST_KEY_REVOKED',
    says: FINGERPRINT,
    given: knowing((name, key) => [`${name} ${key}`, `@revoked * ${key}`]),
  },
  {
    what: 'a host key that is revoked, where new ones are accepted',
    code: 'E_HOST_KEY_REVOKED',
    given: acceptingNew(knowing((_, key) => [`@revoked * ${key}`])),
  },
  {
    what: 'only a certificate authority that is known',
    code: 'E_HOST_KEY',
    hint: /certificates? (is|are) not supported/,
    given: knowing((name, _, other) => [`@cert-authority ${name} ${other}`]),
  },
  {
    what: 'a new host key that is accepted, and recorded',
    given: acceptingNew(knowing(() => [])),
    also: async ({ given, site }) => {
      const recorded = await readFile(given.node.knownHosts ?? '', 'utf8')
      const key = (await readFile(join(site.sshd.folder, 'host_ed25519.pub'), 'utf8')).split(' ')[1] ?? ''
      return recorded.includes(key) ? [] : [`recorded is: ${recorded}`]
    },
  },
]
