import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeConfig } from '@pkgcache/core'
import type { Given, NodeFault } from './kit.ts'
import type { Site } from './site.ts'

/** A root of this name, taken letter by letter. */
function literally(name: string): NodeFault {
  return {
    what: `a root called ${JSON.stringify(name)}: taken letter by letter`,
    given: async (site) => {
      const root = join(await site.folder(), name)
      await rename(await site.root(), root)
      return { node: await site.on(site.sshd, root), root }
    },
    also: ({ given }) => untouched(given),
  }
}

/** What a name would make, if anybody took it for a command or an option. */
const TRAP = 'pkgcache-trap'

function untouched({ root }: Given): string[] {
  const places = [root, join(root, '..'), process.cwd(), '/tmp', '/root']
  return places
    .filter((folder) => existsSync(join(folder, TRAP)))
    .map((folder) => `something ran in ${folder}`)
}

/** A root that no node can have. @param name put after a folder's */
function refused(name: string): NodeFault {
  return {
    what: `a root called ${JSON.stringify(name)}`,
    code: 'E_CONFIG',
    says: 'root',
    hint: 'absolute path',
    given: async (site) => {
      const root = await site.root()
      return { node: await site.on(site.sshd, `${root}${name}`), root, heal: () => ({ root }) }
    },
  }
}

/** A node that is declared in another way, and as it should be after it. */
function declared(
  what: string,
  how: (site: Site) => Partial<NodeConfig>,
  expected: Pick<NodeFault, 'code' | 'says' | 'hint'>,
): NodeFault {
  return {
    what,
    ...expected,
    given: async (site) => {
      const root = await site.root()
      const right = await site.on(site.sshd, root)
      return { node: { ...right, ...how(site) }, root, heal: () => ({ proxyJump: undefined, ...right }) }
    },
    also: ({ given }) => untouched(given),
  }
}

export const HOSTILE_NAMES: readonly NodeFault[] = [
  literally('with  spaces '),
  literally(`$(touch ${TRAP})`),
  literally(`\`touch ${TRAP}\``),
  literally(`'; touch ${TRAP}; '`),
  literally('"double" and %s %n'),
  literally('-rf'),
  literally('*?[a]{b,c}!~#&|<>;'),
  literally('ünïcödé 名'),
  refused('/../elsewhere'),
  refused('\\n'),
  refused('/line\nbreak'),
  refused('/tab\tulator'),
  refused('/escape\u001b[31m'),
  {
    what: 'a root that is relative',
    code: 'E_CONFIG',
    hint: 'absolute path',
    given: async (site) => {
      const root = await site.root()
      return { node: await site.on(site.sshd, './below'), root, heal: () => ({ root }) }
    },
  },
  declared('a host that would be an option', () => ({ host: `-oProxyCommand=touch ${TRAP}` }), {
    code: 'E_NODE_UNREACHABLE',
  }),
  declared('a host with escapes', () => ({ host: 'a\u001b[2Jb\u0007' }), { code: 'E_NODE_UNREACHABLE' }),
  declared('a host with a line break', () => ({ host: 'a\nerror E_FORGED: b' }), {
    code: 'E_NODE_UNREACHABLE',
  }),
  declared('a host with user and port in it', (site) => ({ host: `root@127.0.0.1:${site.sshd.port}` }), {
    code: 'E_NODE_UNREACHABLE',
  }),
  declared('a user that would be an option', () => ({ user: `-oProxyCommand=touch ${TRAP}` }), {
    code: 'E_NODE_AUTH',
  }),
  declared('a user with a line break and escapes', () => ({ user: 'a\nerror E_FORGED: b\u001b[2J' }), {
    code: 'E_NODE_AUTH',
  }),
  declared('a jump host that would be an option', () => ({ proxyJump: `-oProxyCommand=touch ${TRAP}` }), {
    code: 'E_SSH_CONFIG',
    says: 'no list of jump hosts',
  }),
  declared('a key file with a line break', () => ({ identityFile: '/a\nerror E_FORGED: b' }), {
    code: 'E_IDENTITY',
  }),
  {
    what: 'a node whose name is full of escapes',
    given: async (site) => {
      const root = await site.root()
      const name = 'a\u001b[2J\nerror E_FORGED: b\u0007\u009b31m'
      return { node: await site.on(site.sshd, root, { name }), root }
    },
  },
  {
    what: 'a node whose name is full of escapes, and fails',
    code: 'E_NODE_AUTH',
    given: async (site) => {
      const root = await site.root()
      const name = 'c\u001b[2J\nerror E_FORGED: d\u0007\u009b31m'
      const node = await site.on(site.sshd, root, { name, user: 'nobody-here' })
      return { node, root, heal: () => ({ user: site.sshd.user }) }
    },
  },
]
