import { takes } from '../distribute/choose.ts'
import { toDelivery } from '../distribute/delivery.ts'
import { Link, type Opened } from '../distribute/link.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId, type PackageKey } from '../model/names.ts'
import type { NodeFile, NodeSpec } from '../model/node.ts'
import type { NodeOverview, NodePackage, NodesOverview } from '../model/overview.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { declare } from '../resolve/declare.ts'
import { requestKey } from '../resolve/resolve.ts'
import { placedOnNode } from '../store/layout.ts'
import { recordKey } from '../store/records.ts'
import { presentable, type RunContext } from './context.ts'
import { knownRecord, requestIndex } from './item.ts'

/** A request and what is in the store for it. */
interface Declared {
  readonly request: PackageRequest
  readonly key: PackageKey
  readonly record?: StoreRecord | undefined
}

/** What of the declared packages is on the nodes, and what else. Writes nothing. */
export async function lookAtNodes(
  requests: readonly PackageRequest[],
  nodes: readonly NodeSpec[],
  run: RunContext,
): Promise<NodesOverview> {
  const { errors, ...told } = await declare(run, requests)
  const declared = await inStore(told.requests, run)
  const looks = await Promise.allSettled(
    nodes.map((node) => run.limiters.connections.run(run.signal, () => lookAtNode(node, declared, run))),
  )
  if (run.signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
  const overviews = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
  const isWell = errors.length === 0 && overviews.every(({ error }) => error === undefined)
  return { nodes: overviews, errors, exitCode: isWell ? 0 : 1 }
}

async function inStore(requests: readonly PackageRequest[], run: RunContext): Promise<Declared[]> {
  const known = await requestIndex(run)
  const records = await run.store.load()
  return Promise.all(
    requests.map(async (request) => {
      const asked = requestKey(request)
      const record = (await knownRecord(request, known, run)) ?? records.get(keyId(asked))
      return { request, record, key: record === undefined ? asked : recordKey(record) }
    }),
  )
}

async function lookAtNode(
  node: NodeSpec,
  declared: readonly Declared[],
  run: RunContext,
): Promise<NodeOverview> {
  const link = new Link(node, run)
  try {
    // a connection also where nothing is meant for the node: what lies there is asked, and so is whether it is up
    await link.session()
    const arch = await link.arch()
    const meant = withoutRepeats(declared.filter(({ request }) => takes(node, arch, request)))
    const { packages, foreign } = await link.attempt((opened) => inspect(link, opened, meant, run))
    return { node: node.name, ...(arch !== undefined && { arch }), packages, foreign }
  } catch (thrown) {
    const place = { stage: 'distribute', item: `node ${node.name}` }
    const error = presentable(toPkgcacheError(thrown, 'E_NODE'), run, place)
    const packages = withoutRepeats(declared.filter(({ request }) => takes(node, node.arch, request)))
    return {
      node: node.name,
      ...(node.arch !== undefined && { arch: node.arch }),
      packages: packages.map(({ key }) => ({ key, state: 'unknown', versions: [] })),
      foreign: [],
      error,
    }
  } finally {
    await link.close()
  }
}

function withoutRepeats(declared: readonly Declared[]): Declared[] {
  return [...new Map(declared.map((entry) => [keyId(entry.key), entry])).values()]
}

interface Lying {
  readonly file: NodeFile
  readonly key: PackageKey | undefined
}

async function inspect(
  link: Link,
  opened: Opened,
  meant: readonly Declared[],
  run: RunContext,
): Promise<Pick<NodeOverview, 'packages' | 'foreign'>> {
  const files = (await opened.session.list?.(link.context(opened))) ?? []
  const lying = files.map((file): Lying => ({ file, key: placedOnNode(file.remotePath)?.key }))
  const packages: NodePackage[] = []
  for (const entry of meant) packages.push(await stateOf(entry, lying, link, opened, run))
  const isMeant = (key: PackageKey) => meant.some((entry) => isSamePackage(entry.key, key))
  const foreign = lying.filter(({ key }) => key === undefined || !isMeant(key)).map(({ file }) => file)
  return { packages, foreign }
}

function isSamePackage(a: PackageKey, b: PackageKey): boolean {
  return a.name === b.name && a.platform === b.platform && a.arch === b.arch
}

async function stateOf(
  { key, record }: Declared,
  lying: readonly Lying[],
  link: Link,
  opened: Opened,
  run: RunContext,
): Promise<NodePackage> {
  const found = lying.flatMap((one) => (one.key && isSamePackage(one.key, key) ? [one.key.version] : []))
  if (record === undefined) return { key, state: 'unknown', versions: sortedVersions(found) }
  const state = await opened.session.check(toDelivery(record, run), link.context(opened))
  // a transport that cannot list knows of the one file that it was asked about
  const versions = sortedVersions(state === 'missing' ? found : [...found, key.version])
  if (state === 'present') return { key, state, versions }
  return { key, state: versions.length > 0 ? 'outdated' : 'missing', versions }
}

function sortedVersions(versions: readonly string[]): string[] {
  return [...new Set(versions)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
