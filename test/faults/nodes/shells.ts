import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, linkPrograms, type SshdOptions, testUsersAvailable } from '@pkgcache/core/testing'
import type { Given, NodeFault } from './kit.ts'
import type { Site } from './site.ts'

const SFTP_SERVER = '/usr/lib/openssh/sftp-server'

/** A login shell that has to be installed. */
const needsShell = (name: string, debian: string) => () =>
  testUsersAvailable() ??
  (findProgram(name) === undefined ? `no ${name} binary (Debian: ${debian})` : undefined)

/** A user with this login shell, on the shared server or on one of its own. */
function withShell(
  name: string,
  options?: SshdOptions,
  prepare?: (home: string) => Promise<unknown>,
): NodeFault['given'] {
  return async (site) => {
    const user = site.user(findProgram(name))
    await prepare?.(user.home)
    const root = await site.root(user)
    const sshd = options === undefined ? site.sshd : await site.server(options)
    const node = await site.on(sshd, root, { user: user.name })
    return { node, root, ...(options && { servers: [sshd] }), heal: () => site.on(site.sshd, root) }
  }
}

/** The user of the shared server, on one of its own. */
async function onServer(site: Site, options: SshdOptions, more: object = {}): Promise<Given> {
  const root = await site.root()
  const sshd = await site.server(options)
  const heal = async () => ({ ...(await site.on(site.sshd, root)), sudo: false })
  return { node: await site.on(sshd, root, more), root, servers: [sshd], heal }
}

/** What the node's shell works with, but for what computes SHA-256. */
const PROGRAMS = [
  ...['sh', 'cat', 'chmod', 'cmp', 'dd', 'grep', 'head', 'id', 'ls', 'mkdir', 'mktemp', 'mv', 'rm', 'rmdir'],
  ...['stat', 'sync', 'tail', 'tar', 'uname', 'wc'],
]

const NOISE = [
  'echo Welcome to the node',
  `echo ${'1'.repeat(64)}`,
  `echo ${'2'.repeat(64)} >&2`,
  'printf no-end',
]

/** With noise from the login shell before every command, as from a profile that prints. */
const NOISY = [
  `if [ "$SSH_ORIGINAL_COMMAND" = internal-sftp ]; then exec ${SFTP_SERVER}; fi`,
  ...NOISE,
  'eval "$SSH_ORIGINAL_COMMAND"',
].join('; ')

export const SHELLS: readonly NodeFault[] = [
  ...(
    [
      ['csh', 'csh'],
      ['fish', 'fish'],
      ['rbash', 'bash'],
      ['dash', 'dash'],
    ] as const
  ).map(([name, debian]) => ({
    what: `${name} as the login shell`,
    needs: needsShell(name, debian),
    given: withShell(name),
  })),
  {
    what: 'no login shell, and SFTP by sshd itself: the bytes are read back',
    needs: needsShell('nologin', 'login'),
    given: withShell('nologin'),
  },
  {
    what: 'no login shell, and SFTP by a program',
    needs: needsShell('nologin', 'login'),
    code: 'E_NODE_SFTP',
    // what nologin says: This account is currently not available.
    says: 'This…',
    given: withShell('nologin', { sftp: 'none', config: [`Subsystem sftp ${SFTP_SERVER}`] }),
  },
  {
    what: 'only SFTP: the bytes are read back',
    given: (site) => onServer(site, { config: ['ForceCommand internal-sftp'] }),
  },
  {
    what: 'only SFTP, where sudo is asked for',
    code: 'E_NODE_SHELL',
    hint: 'may run commands',
    given: (site) => onServer(site, { config: ['ForceCommand internal-sftp'] }, { sudo: true }),
  },
  {
    what: 'no SFTP',
    code: 'E_NODE_SFTP',
    hint: 'Subsystem sftp',
    given: (site) => onServer(site, { sftp: 'none' }),
  },
  {
    what: 'SFTP by a program that is not there',
    code: 'E_NODE_SFTP',
    given: (site) => onServer(site, { sftp: 'none', config: ['Subsystem sftp /no/such/sftp-server'] }),
  },
  {
    what: 'a shell that prints before every command, and a banner',
    given: async (site) => {
      const banner = join(await site.folder(), 'banner')
      await writeFile(banner, `\u001b[31mAuthorised use only\n${'3'.repeat(64)}\n`)
      return onServer(site, { config: [`ForceCommand ${NOISY}`, `Banner ${banner}`] })
    },
  },
  {
    what: 'a shell that prints before SFTP',
    needs: needsShell('bash', 'bash'),
    code: 'E_NODE_SFTP',
    says: 'Welc…',
    hint: /\.bashrc|profile|prints/,
    given: withShell('bash', { sftp: 'none', config: [`Subsystem sftp ${SFTP_SERVER}`] }, (home) =>
      writeFile(join(home, '.bashrc'), `${NOISE.join('\n')}\n`),
    ),
  },
  {
    what: 'nothing that computes SHA-256: the bytes are read back',
    given: async (site) => {
      const programs = await linkPrograms(join(await site.folder(), 'bin'), PROGRAMS)
      const given = await onServer(site, { sftp: 'logged', env: { PATH: programs } })
      return { ...given, wire: () => ({ sent: 0 }) }
    },
    also: async ({ given }) => {
      const log = (await given.servers?.[0]?.log()) ?? ''
      return /open "[^"]*" flags READ/.test(log) ? [] : ['nothing was read back']
    },
  },
  {
    what: 'sudo that asks for a password',
    needs: testUsersAvailable,
    code: 'E_NODE_DENIED',
    says: /password/,
    hint: 'sudo -n',
    given: async (site) => sudoing(site, site.user('/bin/sh', ['sudo']).name),
  },
  {
    what: 'sudo for somebody who may not',
    needs: testUsersAvailable,
    code: 'E_NODE_DENIED',
    hint: 'sudo -n',
    given: async (site) => sudoing(site, site.user().name),
  },
  {
    what: 'no sudo',
    code: 'E_NODE_DENIED',
    says: /sudo/,
    hint: 'sudo -n',
    given: async (site) => {
      const programs = await linkPrograms(join(await site.folder(), 'bin'), [...PROGRAMS, 'sha256sum'])
      return onServer(site, { env: { PATH: programs } }, { sudo: true })
    },
  },
]

/** A root of root's, for a user who is to write it by sudo. */
async function sudoing(site: Site, user: string): Promise<Given> {
  const root = await site.root()
  const heal = async () => ({ ...(await site.on(site.sshd, root)), sudo: true })
  return { node: await site.on(site.sshd, root, { user, sudo: true }), root, heal }
}
