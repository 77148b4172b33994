import { execFileSync } from 'node:child_process'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeConfig } from '@pkgcache/core'
import { testUsersAvailable } from '@pkgcache/core/testing'
import type { NodeFault } from './kit.ts'
import type { Site } from './site.ts'

/** A node on the shared server that is logged in to in another way. */
function loggingIn(how: (site: Site) => Promise<Partial<NodeConfig>>): NodeFault['given'] {
  return async (site) => {
    const root = await site.root()
    const right = await site.on(site.sshd, root)
    const node = { ...right, ...(await how(site)) }
    return { node, root, heal: () => right }
  }
}

export const LOGINS: readonly NodeFault[] = [
  {
    what: 'a user that is not there',
    code: 'E_NODE_AUTH',
    says: 'no-such-user',
    hint: 'authorized_keys',
    given: loggingIn(async () => ({ user: 'no-such-user' })),
  },
  {
    what: 'a key that is not taken',
    code: 'E_NODE_AUTH',
    says: 'refuses to log in',
    hint: 'authorized_keys',
    given: loggingIn(async (site) => ({ identityFile: await site.key() })),
  },
  {
    what: 'a user that sshd turns away',
    needs: testUsersAvailable,
    code: 'E_NODE_AUTH',
    given: async (site) => {
      const user = site.user()
      const root = await site.root(user)
      const sshd = await site.server({ config: [`DenyUsers ${user.name}`] })
      const node = await site.on(sshd, root, { user: user.name })
      return { node, root, servers: [sshd], heal: () => ({ user: sshd.user }) }
    },
  },
  {
    what: 'a key that has to be joined by a password',
    code: 'E_NODE_AUTH',
    says: 'password',
    hint: 'AuthenticationMethods',
    given: async (site) => {
      const root = await site.root()
      const config = ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes']
      const sshd = await site.server({ config })
      return {
        node: await site.on(sshd, root),
        root,
        servers: [sshd],
        heal: () => site.on(site.sshd, root),
      }
    },
  },
  {
    what: 'a passphrase that nobody gives',
    code: 'E_PASSPHRASE',
    hint: 'PKGCACHE_SSH_PASSPHRASE',
    given: loggingIn(async (site) => ({ identityFile: await site.encryptedKey() })),
  },
  {
    what: 'a passphrase that is wrong',
    run: 'patient',
    code: 'E_PASSPHRASE',
    says: /passphrase.*does not open/,
    hint: 'PKGCACHE_SSH_PASSPHRASE',
    given: loggingIn(async (site) => ({ identityFile: await site.encryptedKey() })),
  },
  {
    what: 'a key file that is not there',
    code: 'E_IDENTITY',
    says: 'does not exist',
    given: loggingIn(async (site) => ({ identityFile: join(await site.folder(), 'none') })),
  },
  {
    what: 'a key file that is a folder',
    code: 'E_IDENTITY',
    given: loggingIn(async (site) => ({ identityFile: await site.folder() })),
  },
  {
    what: 'a key file that holds a public key',
    code: 'E_IDENTITY',
    says: 'public key',
    given: loggingIn(async (site) => ({ identityFile: `${await site.key()}.pub` })),
  },
  {
    what: 'a key file that holds none',
    code: 'E_IDENTITY',
    given: loggingIn(async (site) => {
      const file = join(await site.folder(), 'key')
      await writeFile(file, 'not a key\n')
      return { identityFile: file }
    }),
  },
  {
    what: 'a key file that is cut short',
    code: 'E_IDENTITY',
    given: loggingIn(async (site) => {
      const file = await site.key()
      execFileSync('truncate', ['-s', '200', file])
      return { identityFile: file }
    }),
  },
  {
    what: 'an SSH config that asks for what is not done',
    code: 'E_SSH_CONFIG',
    says: /ProxyCommand/i,
    given: async (site) => {
      const root = await site.root()
      const { host, port } = site.sshd
      const lines = ['Host by-command', `HostName ${host}`, `ProxyCommand nc ${host} ${port}`, '']
      await appendFile(join(site.home, '.ssh/config'), lines.join('\n'))
      const node = await site.on(site.sshd, root)
      return { node: { ...node, host: 'by-command' }, root, heal: () => ({ host }) }
    },
  },
]
