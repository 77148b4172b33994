import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, readlink, realpath, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Delivery } from '../src/model/node.ts'
import type { NodeSession } from '../src/plugins/types.ts'
import { smallTar } from './archives.ts'
import {
  type Case,
  deliveryOf,
  filesBelow,
  REMOTE_PATH,
  rejectsWith,
  type Trial,
  transportContext,
} from './transport-kit.ts'

/** A case for sessions that offer a method; passes where they do not. */
function offering<Method extends keyof NodeSession>(
  method: Method,
  title: string,
  body: (trial: Trial, session: NodeSession & Required<Pick<NodeSession, Method>>) => Promise<void>,
): Case {
  const offers = (session: NodeSession): session is NodeSession & Required<Pick<NodeSession, Method>> =>
    session[method] !== undefined
  return [
    `${title} (${method})`,
    async (trial) => {
      if (offers(trial.session)) await body(trial, trial.session)
    },
  ]
}

const BLOCK = 128 * 1024

/** A zstd frame of raw blocks, by hand (RFC 8878, 3.1.1). */
function zstd(bytes: Uint8Array): Buffer {
  const header = Buffer.from('28b52ffda000000000', 'hex')
  header.writeUInt32LE(bytes.length, 5)
  const blocks = Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, index) => {
    const block = bytes.subarray(index * BLOCK, (index + 1) * BLOCK)
    const isLast = (index + 1) * BLOCK >= bytes.length
    const head = Buffer.alloc(3)
    head.writeUIntLE(block.length * 8 + (isLast ? 1 : 0), 0, 3)
    return Buffer.concat([head, block])
  })
  return Buffer.concat([header, ...blocks])
}

/** Changes one byte of a file on the node, which keeps its size and modification time. */
async function spoil(path: string): Promise<void> {
  const { atime, mtime } = await stat(path)
  const content = await readFile(path)
  content.writeUInt8(content.readUInt8(content.length >> 1) ^ 1, content.length >> 1)
  await writeFile(path, content)
  await utimes(path, atime, mtime)
}

/** The small archive, delivered, and what `apply` is to do with it. */
async function delivered({ fixture, folder, session }: Trial, version = '1.0.0') {
  const name = `tool-${version}-amd64.tar.zst`
  const members = [
    { path: 'tool', type: 'directory' } as const,
    { path: 'tool/bin', type: 'directory' } as const,
    { path: 'tool/bin/tool', mode: 0o755, content: `tool ${version}\n` },
  ]
  const delivery = await deliveryOf(join(folder, name), zstd(smallTar(members)), `tool/${name}`)
  await session.place(delivery, transportContext())
  const key = { name: 'tool', version, platform: 'linux', arch: 'amd64' }
  const onNode = join(fixture.node.root, 'unpacked')
  return { artifact: { delivery, key }, onNode, here: join(fixture.root, 'unpacked') }
}

const again = (delivery: Delivery): Delivery => ({ ...delivery, rehash: true })

/** What a session may offer beyond `place`, `check` and `close`. */
export const SESSION_CASES: readonly Case[] = [
  [
    'with rehash, finds a byte that was changed behind its back, and repairs it',
    async ({ fixture, session, folder }) => {
      const content = randomBytes(100_000)
      const delivery = await deliveryOf(join(folder, 'a'), content, REMOTE_PATH)
      await session.place(delivery, transportContext())
      await session.check(delivery, transportContext())
      await spoil(join(fixture.root, REMOTE_PATH))
      assert.equal(await session.check(again(delivery), transportContext()), 'differs')
      assert.deepEqual(await session.place(again(delivery), transportContext()), {
        state: 'sent',
        sentBytes: content.length,
      })
      assert.ok(content.equals(await readFile(join(fixture.root, REMOTE_PATH))))
      assert.deepEqual(await session.place(again(delivery), transportContext()), {
        state: 'present',
        sentBytes: 0,
      })
    },
  ],
  offering('arch', 'says an arch as Go spells it, or none', async (_trial, session) => {
    const arch = await session.arch(transportContext())
    assert.ok(arch === undefined || /^[a-z0-9]+$/.test(arch), `${arch} is none`)
    assert.ok(!['x86_64', 'x64', 'aarch64'].includes(arch ?? ''), `${arch} is not how Go spells it`)
  }),
  offering('list', 'lists what it delivered and what it did not', async ({ fixture, folder }, session) => {
    assert.deepEqual(await session.list(transportContext()), [])
    const deep = 'tool/linux/amd64/1.0.0/tool'
    for (const [index, path] of [REMOTE_PATH, deep].entries())
      await session.place(
        await deliveryOf(join(folder, `${index}`), randomBytes(100 + index), path),
        transportContext(),
      )
    await mkdir(join(fixture.root, 'empty'))
    await writeFile(join(fixture.root, 'foreign.txt'), 'x')
    await writeFile(join(fixture.root, '.hidden'), 'x')
    await writeFile(join(fixture.root, 'tool/.hidden'), 'x')
    const found = [...(await session.list(transportContext()))]
    assert.deepEqual(
      found.sort((a, b) => (a.remotePath < b.remotePath ? -1 : 1)),
      [
        { remotePath: 'foreign.txt', size: 1, delivered: false },
        { remotePath: deep, size: 101, delivered: true },
        { remotePath: REMOTE_PATH, size: 100, delivered: true },
      ],
    )
  }),
  offering('remove', 'removes a file and the folders that are empty then', async (trial, session) => {
    const { fixture, folder } = trial
    const deep = 'tool/linux/amd64/1.0.0/tool'
    for (const path of [REMOTE_PATH, deep])
      await session.place(await deliveryOf(join(folder, 'a'), randomBytes(10), path), transportContext())
    await session.remove(deep, transportContext())
    assert.deepEqual(await filesBelow(fixture.root), [REMOTE_PATH])
    await assert.rejects(stat(join(fixture.root, 'tool/linux')), { code: 'ENOENT' })
    // what is not there is removed already
    await session.remove(deep, transportContext())
    await session.remove(REMOTE_PATH, transportContext())
    assert.deepEqual(await filesBelow(fixture.root), [])
    assert.ok((await stat(fixture.root)).isDirectory(), 'the root is gone')
    await assert.rejects(stat(join(fixture.root, 'tool')), { code: 'ENOENT' })
  }),
  offering('remove', 'removes nothing outside of the root', async ({ fixture, folder }, session) => {
    const outside = `../${basename(fixture.root)}/${REMOTE_PATH}`
    await session.place(await deliveryOf(join(folder, 'a'), randomBytes(10), REMOTE_PATH), transportContext())
    for (const path of ['../a', outside, '/etc/hostname', 'tool/../../a', 'tool//a', ''])
      await rejectsWith((async () => session.remove(path, transportContext()))(), 'E_NAME')
    assert.deepEqual(await filesBelow(fixture.root), [REMOTE_PATH])
  }),
  offering(
    'apply',
    'unpacks into a folder of the version and switches a link to it',
    async (trial, session) => {
      const { artifact, onNode, here } = await delivered(trial)
      const task = { extractTo: onNode, strip: 1, command: 'cat bin/tool >> ../log' }
      assert.equal(await session.apply(artifact, task, transportContext()), 'done')
      assert.equal(await readFile(join(here, 'current/bin/tool'), 'utf8'), 'tool 1.0.0\n')
      assert.equal((await stat(join(here, '1.0.0/bin/tool'))).mode & 0o777, 0o755)
      // nothing changed: nothing is done again
      assert.equal(await session.apply(artifact, task, transportContext()), 'present')
      assert.equal(await readFile(join(here, 'log'), 'utf8'), 'tool 1.0.0\n')
      const next = await delivered(trial, '1.1.0')
      assert.equal(await session.apply(next.artifact, task, transportContext()), 'done')
      assert.equal(await realpath(join(here, 'current')), await realpath(join(here, '1.1.0')))
      assert.equal(await readFile(join(here, 'log'), 'utf8'), 'tool 1.0.0\ntool 1.1.0\n')
      assert.equal(await readFile(join(here, '1.0.0/bin/tool'), 'utf8'), 'tool 1.0.0\n')
    },
  ),
  offering(
    'apply',
    'leaves the link as it was when an archive cannot be unpacked',
    async (trial, session) => {
      const { artifact, onNode, here } = await delivered(trial)
      const task = { extractTo: onNode, strip: 1 }
      await session.apply(artifact, task, transportContext())
      const before = await readlink(join(here, 'current'))
      const file = 'tool/tool-2.0.0-amd64.tar.zst'
      const bad = await deliveryOf(join(trial.folder, 'bad'), randomBytes(1000), file)
      await session.place(bad, transportContext())
      const wrong = { delivery: bad, key: { ...artifact.key, version: '2.0.0' } }
      await rejectsWith(session.apply(wrong, task, transportContext()), 'E_NODE_UNPACK')
      assert.equal(await readlink(join(here, 'current')), before)
      await assert.rejects(stat(join(here, '2.0.0')), { code: 'ENOENT' })
    },
  ),
  offering(
    'apply',
    'says when the command of a package fails, and does it again then',
    async (trial, session) => {
      const { artifact, onNode, here } = await delivered(trial)
      const task = { extractTo: onNode, command: 'test -e ../ready && echo x >> ../log' }
      await rejectsWith(session.apply(artifact, task, transportContext()), 'E_NODE_COMMAND')
      await writeFile(join(here, 'ready'), '')
      assert.equal(await session.apply(artifact, task, transportContext()), 'done')
      assert.equal(await readFile(join(here, 'log'), 'utf8'), 'x\n')
    },
  ),
  offering('run', 'runs a command with its variables, whatever is in them', async ({ fixture }, session) => {
    const value = `a 'b' "c" $HOME \`id\` ; * \\ é`
    const file = join(fixture.node.root, 'ran')
    await mkdir(fixture.root, { recursive: true })
    await chmod(fixture.root, 0o755)
    await session.run(`printf %s "$PKGCACHE_NAME" > '${file}'`, { PKGCACHE_NAME: value }, transportContext())
    assert.equal(await readFile(join(fixture.root, 'ran'), 'utf8'), value)
    await rejectsWith(session.run('exit 7', {}, transportContext()), 'E_NODE_COMMAND')
  }),
]
