import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type TcpProxy, type TcpProxyOptions } from '@pkgcache/core/testing'
import type { Changes, Given, NodeFault } from './kit.ts'
import { partSize, type Site, TARGET } from './site.ts'

/** A node on the shared server behind a line of its own; afterwards it is reached without it. */
async function behind(
  site: Site,
  line: (root: string) => Partial<TcpProxyOptions>,
): Promise<Given & { readonly proxy: TcpProxy }> {
  const root = await site.root()
  const proxy = await site.proxy(site.sshd, line(root))
  const node = await site.on(site.sshd, root, { port: proxy.port })
  const heal = async (): Promise<Changes> => {
    // only now does the server learn that nobody is there any more
    await proxy.close()
    return { port: site.sshd.port }
  }
  return { node, root, proxy, wire: () => proxy, heal }
}

/** Moments of a delivery at which a line can drop, told by what the node holds by then. */
const MOMENTS = {
  /** Before the server's name was heard. */
  start: () => ({ cutAfter: 0 }),
  /** In the middle of the client's offer of algorithms. */
  keys: () => ({ cutAfter: 600 }),
  middle: ({ size }: Site, root: string) => ({ cutWhen: () => partSize(root) >= size / 2 }),
  /** Within the last pieces of 31 KiB. */
  end: ({ size }: Site, root: string) => ({ cutWhen: () => partSize(root) > size - 100_000 }),
  /** Every byte is there, and has its old name. */
  rename: ({ size }: Site, root: string) => ({ cutWhen: () => partSize(root) === size }),
  /** It has its new name, which was not told yet. */
  renamed: ({ size }: Site, root: string) => ({
    cutWhen: () => statSync(join(root, TARGET), { throwIfNoEntry: false })?.size === size,
  }),
} satisfies Record<string, (site: Site, root: string) => Partial<TcpProxyOptions>>

type Moment = keyof typeof MOMENTS

const NAMES: Readonly<Record<Moment, string>> = {
  start: 'at byte 0',
  keys: 'during the key exchange',
  middle: 'in the middle',
  end: 'at the last bytes',
  rename: 'before the rename',
  renamed: 'after the rename',
}

/** What may still have to be sent after a drop then, as a share of the artifact; the rest is there. */
const RESTS: Readonly<Record<Moment, number>> = {
  start: 1,
  keys: 1,
  middle: 0.5,
  end: 0.02,
  rename: 0,
  renamed: 0,
}

/** A line that drops once: the run goes on by itself. */
function once(moment: Moment, downFor = 0): NodeFault {
  const share = 1 + Math.min(RESTS[moment], 0.6)
  return {
    what: `a line that drops ${NAMES[moment]}${downFor > 0 ? `, and is down for ${downFor / 1000} s` : ''}`,
    given: (site) => behind(site, (root) => ({ ...MOMENTS[moment](site, root), cuts: 1, downFor })),
    ...(moment === 'renamed' && { state: 'present' }),
    also: ({ given, site }) => {
      const sent = given.wire?.().sent ?? 0
      // what is on the wire with it: the logins, the requests, what was under way when it dropped
      const most = share * site.size * 1.1 + 2_500_000
      return sent < most ? [] : [`${sent} bytes went over the line`]
    },
  }
}

/** A line that drops then, and whenever it is tried again. */
function always(moment: Moment): NodeFault {
  const early = moment === 'start' || moment === 'keys'
  return {
    what: `a line that drops ${NAMES[moment]}, again and again`,
    ...(early
      ? { code: 'E_NODE_UNREACHABLE' }
      : { code: 'E_NODE_LOST', run: 'patient', rest: RESTS[moment] }),
    given: (site) => behind(site, (root) => MOMENTS[moment](site, root)),
  }
}

export const DROPS: readonly NodeFault[] = [
  ...(['start', 'keys', 'middle', 'end', 'rename', 'renamed'] as const).map((moment) => once(moment)),
  once('middle', 20_000),
  ...(['start', 'keys', 'middle', 'end', 'rename'] as const).map(always),
]

/** A server of its own that hangs, and goes on when the fault is over. */
async function hanging(site: Site, when: 'before' | 'in the middle', wakesAfter?: number): Promise<Given> {
  const root = await site.root()
  const sshd = await site.server({})
  if (when === 'before') sshd.freeze()
  let frozen = false
  const cutWhen = () => {
    if (when === 'in the middle' && !frozen && partSize(root) > site.size / 3) {
      frozen = true
      sshd.freeze()
      if (wakesAfter !== undefined) void sleep(wakesAfter).then(() => sshd.thaw())
    }
    return false
  }
  const proxy = await site.proxy(sshd, { cutWhen })
  const heal = async (): Promise<Changes> => {
    sshd.thaw()
    await proxy.close()
    return { port: sshd.port }
  }
  return { node: await site.on(sshd, root, { port: proxy.port }), root, servers: [sshd], heal }
}

export const STALLS: readonly NodeFault[] = [
  {
    what: 'a server that hangs from the start',
    run: 'patient',
    code: 'E_NODE_TIMEOUT',
    says: /did not (answer|finish)/,
    hint: 'connectTimeout',
    given: (site) => hanging(site, 'before'),
  },
  {
    what: 'a server that hangs in the middle, for good',
    run: 'patient',
    code: 'E_NODE_TIMEOUT',
    rest: 0.7,
    given: (site) => hanging(site, 'in the middle'),
  },
  {
    what: 'a server that hangs in the middle, for 12 s',
    run: 'patient',
    given: (site) => hanging(site, 'in the middle', 12_000),
  },
  {
    what: 'a line that swallows everything from the start',
    run: 'patient',
    code: 'E_NODE_TIMEOUT',
    hint: 'connectTimeout',
    given: (site) => behind(site, () => ({ stallAfter: 0 })),
  },
  {
    what: 'a line that swallows everything in the middle, for good',
    run: 'patient',
    code: 'E_NODE_TIMEOUT',
    rest: 0.8,
    given: (site) => behind(site, () => ({ stallAfter: site.size / 2 })),
  },
  {
    what: 'a line that swallows everything in the middle, for 12 s',
    run: 'patient',
    given: (site) => {
      let told = false
      let swallow = () => undefined
      const given = behind(site, (root) => ({
        cutWhen: () => {
          if (!told && partSize(root) > site.size / 3) {
            told = true
            swallow()
          }
          return false
        },
      }))
      void given.then(({ proxy }) => {
        swallow = () => void proxy.blackHole(12_000) as undefined
      })
      return given
    },
  },
  {
    what: 'a port that nobody listens on',
    code: 'E_NODE_UNREACHABLE',
    says: 'ECONNREFUSED',
    given: async (site) => {
      const root = await site.root()
      const { port } = site.sshd
      return {
        node: await site.on(site.sshd, root, { port: await freePort() }),
        root,
        heal: () => ({ port }),
      }
    },
  },
  {
    what: 'a name that nobody knows',
    code: 'E_NODE_UNREACHABLE',
    says: 'no-such-host.invalid',
    given: async (site) => {
      const root = await site.root()
      const { host } = site.sshd
      return {
        node: await site.on(site.sshd, root, { host: 'no-such-host.invalid' }),
        root,
        heal: () => ({ host }),
      }
    },
  },
]
