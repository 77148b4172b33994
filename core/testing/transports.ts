import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SESSION_CASES } from './session-cases.ts'
import {
  type Case,
  connectThrough,
  deliveryOf,
  filesBelow,
  REMOTE_PATH,
  rejectsWith,
  type TransportFixture,
  transportContext,
} from './transport-kit.ts'

/** The test runner's own functions: `import { describe, it } from 'vitest'`, or those of node:test. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/**
 * What every transport must do, as a suite for any test runner. What sessions need not offer is tried where they do.
 * @param open makes a fresh node with an empty root for each case
 */
export function transportConformance(
  runner: Runner,
  name: string,
  open: () => Promise<TransportFixture>,
): void {
  runner.describe(`${name} is a transport`, () => {
    for (const [title, body] of [...CASES, ...SESSION_CASES]) runner.it(title, () => attempt(open, body))
  })
}

async function attempt(open: () => Promise<TransportFixture>, body: Case[1]): Promise<void> {
  const fixture = await open()
  const folder = await mkdtemp(join(tmpdir(), 'pkgcache-transport-'))
  try {
    const session = await connectThrough(fixture.plugin, fixture.node)
    assert.ok(session, 'the transport does not take its own kind of node')
    try {
      await body({ fixture, session, folder })
    } finally {
      await session.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
    await fixture.close?.()
  }
}

const CASES: readonly Case[] = [
  [
    'puts a file in place whole, readable, and says what it sent',
    async ({ fixture, session, folder }) => {
      const content = randomBytes(300_001)
      const delivery = await deliveryOf(join(folder, 'a'), content, REMOTE_PATH)
      const ctx = transportContext()
      assert.equal(await session.check(delivery, ctx), 'missing')
      assert.deepEqual(await filesBelow(fixture.root), [], 'check wrote something')
      assert.deepEqual(await session.place(delivery, ctx), { state: 'sent', sentBytes: content.length })
      const path = join(fixture.root, REMOTE_PATH)
      assert.ok(content.equals(await readFile(path)))
      assert.equal((await stat(path)).mode & 0o7777, 0o644)
      assert.equal((await stat(dirname(path))).mode & 0o7777, 0o755)
      assert.deepEqual(await filesBelow(fixture.root), [REMOTE_PATH])
      assert.deepEqual(ctx.reported.at(-1), { done: content.length, total: content.length })
    },
  ],
  [
    'sends nothing that is there already',
    async ({ fixture, session, folder }) => {
      const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10_000), REMOTE_PATH)
      await session.place(delivery, transportContext())
      const before = await stat(join(fixture.root, REMOTE_PATH), { bigint: true })
      assert.equal(await session.check(delivery, transportContext()), 'present')
      assert.deepEqual(await session.place(delivery, transportContext()), { state: 'present', sentBytes: 0 })
      const after = await stat(join(fixture.root, REMOTE_PATH), { bigint: true })
      assert.deepEqual(
        [after.ino, after.mtimeNs, after.ctimeNs],
        [before.ino, before.mtimeNs, before.ctimeNs],
      )
    },
  ],
  [
    'repairs a file of the same size with another byte',
    async ({ fixture, session, folder }) => {
      const content = randomBytes(100_000)
      const delivery = await deliveryOf(join(folder, 'a'), content, REMOTE_PATH)
      await session.place(delivery, transportContext())
      const spoiled = Buffer.from(content)
      spoiled.writeUInt8(spoiled.readUInt8(50_000) ^ 1, 50_000)
      await writeFile(join(fixture.root, REMOTE_PATH), spoiled)
      assert.equal(await session.check(delivery, transportContext()), 'differs')
      assert.equal((await session.place(delivery, transportContext())).state, 'sent')
      assert.ok(content.equals(await readFile(join(fixture.root, REMOTE_PATH))))
    },
  ],
  [
    'takes an empty file and several files at the same time',
    async ({ fixture, session, folder }) => {
      const contents = [Buffer.alloc(0), randomBytes(1), randomBytes(2_000_000)]
      const deliveries = await Promise.all(
        contents.map((content, index) => deliveryOf(join(folder, `${index}`), content, `tool/file-${index}`)),
      )
      await Promise.all(deliveries.map((delivery) => session.place(delivery, transportContext())))
      for (const [index, content] of contents.entries()) {
        assert.ok(content.equals(await readFile(join(fixture.root, `tool/file-${index}`))))
      }
      assert.deepEqual(await filesBelow(fixture.root), ['tool/file-0', 'tool/file-1', 'tool/file-2'])
    },
  ],
  [
    'keeps the old file when the bytes that arrive are not the announced ones',
    async ({ fixture, session, folder }) => {
      const old = await deliveryOf(join(folder, 'old'), randomBytes(5000), REMOTE_PATH)
      await session.place(old, transportContext())
      const wanted = await deliveryOf(join(folder, 'new'), randomBytes(6000), REMOTE_PATH)
      await writeFile(wanted.file, randomBytes(6000))
      await rejectsWith(session.place(wanted, transportContext()), 'E_NODE_DIGEST')
      assert.equal(await session.check(old, transportContext()), 'present')
      assert.deepEqual(await filesBelow(fixture.root), [REMOTE_PATH])
    },
  ],
  [
    'refuses paths that leave the root',
    async ({ fixture, session, folder }) => {
      for (const path of ['../a', 'tool/../../a', '/a', 'tool//a', 'tool/.a', 'tool/a\nb', '']) {
        const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10), path)
        await rejectsWith(session.place(delivery, transportContext()), 'E_NAME')
      }
      assert.deepEqual(await filesBelow(fixture.root), [])
    },
  ],
  [
    'ends when the run is cancelled',
    async ({ fixture, session, folder }) => {
      const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10_000), REMOTE_PATH)
      await rejectsWith(session.place(delivery, transportContext(AbortSignal.abort())), 'E_ABORTED')
      assert.deepEqual(await filesBelow(fixture.root), [])
    },
  ],
]
