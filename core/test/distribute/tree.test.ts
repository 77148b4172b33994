import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lease, Tree } from '../../src/distribute/tree.ts'

const never = new AbortController().signal
setMaxListeners(0, never)
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Takes a turn, and keeps what came of it. */
function asking(tree: Tree<string>, node: string, tried: readonly string[] = [], signal = never) {
  const turn: { lease?: Lease<string>; error?: unknown } = {}
  tree.take(node, new Set(tried), signal).then(
    (lease) => {
      turn.lease = lease
    },
    (error: unknown) => {
      turn.error = error
    },
  )
  return turn
}

/** Who is to send it: `here`, a node, or `-` for nobody yet. */
const sources = (turns: readonly { lease?: Lease<string> }[]) =>
  turns.map(({ lease }) => (lease ? (lease.from ?? 'here') : '-'))

describe('a tree', () => {
  it('has this machine send to fanout nodes, and those to fanout each', async () => {
    const tree = new Tree<string>(2)
    const turns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((node) => asking(tree, node))
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', '-', '-', '-', '-', '-'])
    turns[0]?.lease?.end(true)
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', 'a', 'a', '-', '-', '-'])
    turns[2]?.lease?.end(true)
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', 'a', 'a', 'c', 'a', 'c'])
  })

  it('begins with nodes that hold it already, the least busy first', async () => {
    const tree = new Tree<string>(2)
    tree.hold('x')
    tree.hold('y')
    const turns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((node) => asking(tree, node))
    await settle()
    expect(sources(turns)).toEqual(['x', 'y', 'x', 'y', 'here', 'here', '-'])
  })

  it('lets the next one have what failed from here, also when that one holds it later', async () => {
    const tree = new Tree<string>(1)
    const turns = ['a', 'b', 'c', 'd'].map((node) => asking(tree, node))
    await settle()
    turns[0]?.lease?.end(false)
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', '-', '-'])
    turns[0]?.lease?.end(true)
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', 'a', '-'])
  })

  it('asks another node after one that failed, then this machine', async () => {
    const tree = new Tree<string>(1)
    tree.hold('x')
    tree.hold('y')
    const first = asking(tree, 'a')
    await settle()
    expect(sources([first])).toEqual(['x'])
    first.lease?.end(false)
    const second = asking(tree, 'a', ['x'])
    await settle()
    expect(sources([second])).toEqual(['y'])
    second.lease?.end(false)
    const third = asking(tree, 'a', ['x', 'y'])
    await settle()
    expect(sources([third])).toEqual(['here'])
  })

  it('does it from here when there is nobody else to wait for', async () => {
    const tree = new Tree<string>(1)
    const first = asking(tree, 'a')
    await settle()
    first.lease?.end(true)
    const second = asking(tree, 'b', ['a'])
    await settle()
    expect(sources([second])).toEqual(['here'])
  })

  it('asks no node any more that failed twice in a row', async () => {
    const tree = new Tree<string>(1)
    tree.hold('x')
    for (const node of ['a', 'b']) {
      const turn = asking(tree, node)
      await settle()
      expect(sources([turn])).toEqual(['x'])
      turn.lease?.end(false)
    }
    const turns = [asking(tree, 'c'), asking(tree, 'd')]
    await settle()
    expect(sources(turns)).toEqual(['here', '-'])
  })

  it('is given up when nodes cannot reach each other at all', async () => {
    const tree = new Tree<string>(1)
    for (const holder of ['x', 'y', 'z']) tree.hold(holder)
    const trials = [asking(tree, 'a'), asking(tree, 'b'), asking(tree, 'c')]
    await settle()
    expect(sources(trials)).toEqual(['x', 'y', 'z'])
    for (const { lease } of trials) lease?.end(false)
    const last = asking(tree, 'd')
    await settle()
    expect(sources([last])).toEqual(['x'])
    last.lease?.end(false)
    const turns = ['e', 'f', 'g'].map((node) => asking(tree, node))
    await settle()
    expect(sources(turns)).toEqual(['here', 'here', 'here'])
  })

  it('lets those who wait go when cancelled', async () => {
    const tree = new Tree<string>(1)
    const first = asking(tree, 'a')
    const controller = new AbortController()
    const waiting = asking(tree, 'b', [], controller.signal)
    const after = asking(tree, 'c')
    await settle()
    controller.abort('enough')
    await settle()
    expect([waiting.error, sources([waiting])]).toEqual(['enough', ['-']])
    first.lease?.end(true)
    await settle()
    expect(sources([after])).toEqual(['a'])
    await expect(tree.take('d', new Set(), controller.signal)).rejects.toBe('enough')
  })
})

interface Scenario {
  readonly fanout: number
  readonly nodes: number
  readonly present: readonly number[]
  /** What each next transfer comes to, and which of those under way ends next. */
  readonly fates: readonly { readonly ends: number; readonly works: boolean }[]
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  fanout: fc.integer({ min: 1, max: 4 }),
  nodes: fc.integer({ min: 1, max: 24 }),
  present: fc.array(fc.integer({ min: 0, max: 23 }), { maxLength: 4 }),
  fates: fc.array(fc.record({ ends: fc.nat({ max: 30 }), works: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  }),
})

/** Plays a scenario to its end: every node asks, and what is under way ends in any order. */
async function play({ fanout, nodes, present, fates }: Scenario, mayFail: boolean) {
  const tree = new Tree<number>(fanout)
  const served = new Set<number>()
  const underWay: { readonly lease: Lease<number>; readonly end: (works: boolean) => void }[] = []
  const [outcome, serving] = [{ direct: 0, failedDirect: 0, most: 0 }, new Map<number, number>()]
  const serve = async (node: number): Promise<void> => {
    const tried = new Set<number>()
    for (let tries = 0; tries < 10; tries++) {
      const lease = await tree.take(node, tried, never)
      const { from } = lease
      if (from !== undefined) {
        serving.set(from, (serving.get(from) ?? 0) + 1)
        outcome.most = Math.max(outcome.most, serving.get(from) ?? 0)
      }
      const works = await new Promise<boolean>((end) => underWay.push({ lease, end }))
      if (from !== undefined) serving.set(from, (serving.get(from) ?? 0) - 1)
      else outcome.direct++
      lease.end(works)
      if (works) return void served.add(node)
      if (from === undefined) return void outcome.failedDirect++
      tried.add(from)
    }
  }
  const ends: Promise<void>[] = []
  for (let node = 0; node < nodes; node++) {
    if (present.includes(node)) tree.hold(node)
    else ends.push(serve(node))
  }
  let over = false
  const all = Promise.all(ends).then(() => {
    over = true
  })
  for (let step = 0; !over && step < 1000; step++) {
    await settle()
    const fate = fates[step % fates.length] ?? { ends: 0, works: true }
    const [next] = underWay.splice(fate.ends % Math.max(1, underWay.length), 1)
    next?.end(fate.works || !mayFail)
    if (next === undefined) await settle()
    if (next === undefined && !over) break
  }
  if (over) await all
  const asked = ends.length
  return { over, asked, served: served.size, ...outcome }
}

describe('in any order of events', () => {
  it('every node is served, from here at most fanout times, by no node to more than fanout at once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (one) => {
        const { over, asked, served, direct, most } = await play(one, false)
        expect([over, served]).toEqual([true, asked])
        expect(direct).toBeLessThanOrEqual(one.fanout)
        expect(most).toBeLessThanOrEqual(one.fanout)
      }),
      { numRuns: 150 },
    )
  })

  it('with transfers that fail, no node waits for ever, and one fails only when this machine could not send', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (one) => {
        const { over, asked, served, failedDirect, most } = await play(one, true)
        expect([over, served + failedDirect]).toEqual([true, asked])
        expect(most).toBeLessThanOrEqual(one.fanout)
      }),
      { numRuns: 150 },
    )
  })
})
