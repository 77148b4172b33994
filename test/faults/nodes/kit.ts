import { statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ErrorCode, NodeConfig } from '@pkgcache/core'
import { leftOut, rawTar, type Sshd, sshdAvailable } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BIN, type Ran, runProgram, type Seen, sha256File, snapshotTree } from '../../e2e/kit.ts'
import { noise } from '../stand.ts'
import { deliveryFaults, type NodesDocument, treeFaults, wholeFaults } from './checks.ts'
import { openSite, type Site } from './site.ts'

/** One fault of one node: what is done, and what must come of it. */
export interface NodeFault {
  readonly what: string
  /** Why it cannot be tried here; undefined when it can. */
  readonly needs?: () => string | undefined
  /** Absent: the artifact arrives all the same. */
  readonly code?: ErrorCode
  readonly says?: RegExp | string
  readonly hint?: RegExp | string
  /** How the delivery ends when it does not fail. Default `sent`. */
  readonly state?: 'sent' | 'present'
  /** Sets up what goes wrong. */
  readonly given: (site: Site) => Promise<Given>
  /** The run it is part of. Default `usual`. */
  readonly run?: RunName
  /** What the run after the fault sends at most, as a share of the artifact. Default: all of it. */
  readonly rest?: number
  /** What must hold beside the rules for all, after the first run. @returns what is wrong */
  readonly also?: (seen: NodeSeen) => Promise<readonly string[]> | readonly string[]
}

/** What is declared otherwise of a node; undefined takes something away. */
export type Changes = { readonly [Key in keyof NodeConfig]?: NodeConfig[Key] | undefined }

export interface Given {
  /** Gets a name, if it has none. */
  readonly node: NodeConfig
  /** Its root as this machine sees it. */
  readonly root: string
  /** Servers of the case's own. */
  readonly servers?: readonly Sshd[]
  /** Takes the fault away. @returns what is declared otherwise then */
  readonly heal?: () => Promise<Changes | undefined> | Changes | undefined
  /** Files below the root that are the case's own, and stay. */
  readonly own?: readonly string[]
  /** Told to `also`. */
  readonly wire?: () => { readonly sent: number }
}

/** A run of its own for cases that need other timeouts or another environment. */
export type RunName = 'usual' | 'patient'

/** What of a node can be seen after a run. */
export interface NodeSeen {
  readonly site: Site
  readonly given: Given
  readonly name: string
  readonly document: NodesDocument | undefined
  readonly before: Readonly<Record<string, Seen>>
  readonly after: Readonly<Record<string, Seen>>
  /** After the run without the fault. */
  readonly healed: Readonly<Record<string, Seen>>
  readonly again: NodesDocument | undefined
  readonly own: readonly string[]
}

const RUNS = {
  usual: { options: {}, env: {} },
  /** Nodes that are lost for good are tried for two minutes: they all are at the same time. */
  patient: {
    options: { connectTimeout: 4000, idleTimeout: 4000 },
    env: { PKGCACHE_SSH_PASSPHRASE: 'not this one' },
  },
} as const

const SIZE = 6_000_000
const HEALTHY = 'sound'
const MOST_MS = 240_000

/** The store and the command of all runs. */
interface Sender {
  run(name: RunName, nodes: readonly NodeConfig[], site: Site): Promise<Ran>
  readonly file: string
  remove(): Promise<void>
}

async function openSender(): Promise<Sender> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-sender-'))
  const archive = join(dir, 'payload.tar')
  await writeFile(archive, rawTar([{ name: 'data', content: noise('payload', SIZE) }]))
  const packages = [{ name: 'payload', version: '1.0.0', url: pathToFileURL(archive).href }]
  const base = { store: join(dir, 'store'), arch: 'amd64', packages, concurrency: { nodes: 100 } }
  const command = async (args: readonly string[], config: string, home: string, env = {}) => {
    const own = { HOME: home, PKGCACHE_HOME: join(dir, 'home'), SSH_AUTH_SOCK: '', ...env }
    return runProgram(BIN, [...args, '--config', config], { cwd: dir, env: own, timeout: MOST_MS })
  }
  const plain = join(dir, 'fetch.json')
  await writeFile(plain, JSON.stringify(base))
  const fetched = await command(['fetch'], plain, dir)
  if (fetched.code !== 0) throw new Error(`the artifact was not made: ${fetched.stderr}`)
  return {
    file: join(dir, 'store/payload-1.0.0-amd64.tar.zst'),
    async run(name, nodes, site) {
      const { options, env } = RUNS[name]
      const config = join(dir, `${name}.config.mjs`)
      const text = JSON.stringify({ ...base, nodes })
      const plugins = `[ssh(${JSON.stringify(options)})]`
      const head = "import ssh from '@pkgcache/transport-ssh'\n"
      await writeFile(config, `${head}export default { ...${text}, plugins: ${plugins} }\n`)
      return command(['distribute', '--json'], config, site.home, env)
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

interface Named {
  readonly name: string
  readonly fault: NodeFault
  readonly given: Given
}

/** What a run and the one after it came to. */
interface Outcome {
  readonly ran: Ran
  readonly document: NodesDocument | undefined
  readonly again: Ran
  readonly seen: ReadonlyMap<NodeFault, NodeSeen>
  /** Of the run. */
  readonly faults: readonly string[]
}

function documentOf(stdout: string): NodesDocument | undefined {
  try {
    return JSON.parse(stdout) as NodesDocument
  } catch {
    return undefined
  }
}

async function snapshots(cases: readonly Named[]): Promise<Record<string, Seen>[]> {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return Promise.all(cases.map(({ given: { root } }) => (isFolder(root) ? snapshotTree(root) : {})))
}

/** Runs the cases of one run together, takes their faults away, and runs again. */
async function runCases(run: RunName, cases: readonly Named[], site: Site, sender: Sender): Promise<Outcome> {
  const sound = await site.root()
  const healthy = { ...(await site.on(site.sshd, sound)), name: HEALTHY }
  const nodes = cases.map(({ name, given }) => ({ ...given.node, name }))
  const before = await snapshots(cases)
  const middle = Math.floor(nodes.length / 2)
  const ran = await sender.run(run, [...nodes.slice(0, middle), healthy, ...nodes.slice(middle)], site)
  const after = await snapshots(cases)
  const changes: (Changes | undefined)[] = []
  for (const { given } of cases) changes.push(await given.heal?.())
  const left = await leftSessions([site.sshd, ...cases.flatMap(({ given }) => given.servers ?? [])])
  // what is undefined is not in the config's JSON
  const better = nodes.map((node, index) => ({ ...node, ...changes[index] }) as NodeConfig)
  const again = await sender.run(run, [healthy, ...better], site)
  const healed = await snapshots(cases)
  const [document, next] = [documentOf(ran.stdout), documentOf(again.stdout)]
  const seen = cases.map(({ name, fault, given }, index): [NodeFault, NodeSeen] => [
    fault,
    {
      ...{ site, given, name, document, again: next, own: given.own ?? [] },
      before: before[index] ?? {},
      after: after[index] ?? {},
      healed: healed[index] ?? {},
    },
  ])
  const faults = [
    ...wholeFaults(ran, document, cases.some(({ fault }) => fault.code !== undefined) ? 1 : 0),
    ...wholeFaults(again, next, 0).map((fault) => `the run after it: ${fault}`),
    ...deliveryFaults({ name: HEALTHY, document, what: {} }).map((fault) => `the sound node: ${fault}`),
    ...left,
  ]
  return { ran, document, again, seen: new Map(seen), faults }
}

/** Sessions on the nodes end with the run. */
async function leftSessions(servers: readonly Sshd[]): Promise<string[]> {
  const end = Date.now() + 15_000
  for (;;) {
    const left = servers.filter((sshd) => sshd.sessions().length > 0)
    if (left.length === 0) return []
    if (Date.now() > end) return left.map((sshd) => `processes ${sshd.sessions()} are left of sessions`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** One test per case. Each checks its node, and the run it was part of. */
export function describeNodeFaults(tables: Readonly<Record<string, readonly NodeFault[]>>): void {
  const suite = 'faults: nodes'
  const able = (fault: NodeFault) => fault.needs?.() === undefined
  const reasons = new Set(
    Object.values(tables)
      .flat()
      .map((fault) => fault.needs?.()),
  )
  for (const reason of reasons) leftOut(`${suite}: some cases`, reason)
  const all = Object.values(tables).flat().filter(able)
  const outcomes = new Map<RunName, Outcome>()
  const sites: Site[] = []
  let sender: Sender

  describe.skipIf(leftOut(suite, sshdAvailable()))(suite, () => {
    beforeAll(async () => {
      sender = await openSender()
      const size = (await readFile(sender.file)).length
      const sha256 = await sha256File(sender.file)
      const works = (['patient', 'usual'] as const).map(async (run) => {
        const site = await openSite({ size, sha256 })
        sites.push(site)
        const cases: Named[] = []
        for (const fault of all.filter((one) => (one.run ?? 'usual') === run)) {
          const given = await fault.given(site)
          const name = given.node.name ?? `n${String(cases.length + 1).padStart(3, '0')}`
          cases.push({ name, fault, given })
        }
        outcomes.set(run, await runCases(run, cases, site, sender))
      })
      await Promise.all(works)
    }, MOST_MS * 2)
    afterAll(async () => {
      for (const site of sites) await site.close()
      await sender.remove()
    })

    describe.each(Object.entries(tables))('%s', (_, table) => {
      it.each(table.filter(able).map((fault) => [fault.what, fault] as const))('%s', async (_what, fault) => {
        const outcome = outcomes.get(fault.run ?? 'usual')
        const seen = outcome?.seen.get(fault)
        if (seen === undefined) throw new Error('its run did not take place')
        const faults = [
          ...deliveryFaults({ name: seen.name, document: seen.document, what: fault }),
          ...treeFaults(seen, fault),
          ...((await fault.also?.(seen)) ?? []),
          ...(outcome?.faults ?? []).map((text) => `its run: ${text}`),
        ]
        expect(faults, faults.join('\n')).toEqual([])
      })
    })
  })
}
