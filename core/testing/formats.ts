import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { AsyncSeriesBailHook } from 'tapable'
import { PkgcacheError } from '../src/errors/error.ts'
import type { FormatInput, Member, Plugin, PluginApi, PluginContext, Unpacked } from '../src/plugins/types.ts'

/** Bytes of buffers that a format plugin may hold while it streams. */
const MEMORY_LIMIT = 64 * 1024 * 1024
const HEAD_BYTES = 4096
const PAUSE_MS = 100

/** What a plugin is shown beside the file. */
export interface FormatProbe {
  readonly hint?: string
  /** Default `tool`. */
  readonly memberName?: string
  readonly signal?: AbortSignal
}

/** A member with its content in memory. */
export interface ReadMember extends Omit<Member, 'body'> {
  readonly content: Buffer
}

/** What a file was opened as, read to its end. */
export interface ReadFormat {
  readonly format: string
  /** The decoded tar stream, when the plugin gave one. */
  readonly tar?: Buffer
  readonly members?: readonly ReadMember[]
}

/** Named files: `{ 'half of it': bytes }`. */
export type FormatSamples = Readonly<Record<string, Uint8Array>>

/** A format plugin, and the files to try it on. */
export interface FormatConformance {
  /** A fresh plugin. */
  readonly plugin: () => Plugin
  /** A small archive and what reading it must give. */
  readonly valid: { readonly bytes: Uint8Array; readonly hint?: string; readonly expected: ReadFormat }
  /** Files of other formats: the plugin must leave them alone, whatever the hint. */
  readonly foreign: FormatSamples
  /** Cut short. Each must end in E_ARCHIVE; empty for a plugin that hands on a tar as it is. */
  readonly truncated: FormatSamples
  /** Changed, or with something added. Each must end in E_ARCHIVE. */
  readonly damaged: FormatSamples
  /** An archive that unpacks to more than 128 MiB. */
  readonly large: () => Uint8Array | Promise<Uint8Array>
}

/** One check: give it to your test runner, `it(name, run)`. */
export interface ConformanceCase {
  readonly name: string
  readonly run: () => Promise<void>
}

function neverUsed(): never {
  throw new Error('a format plugin has no business with the network or the store')
}

/** A context for one call of a plugin. */
function formatContext(tmpDir: string, signal: AbortSignal): PluginContext {
  const quiet = (): void => undefined
  return {
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    progress: quiet,
    signal,
    store: { root: tmpDir, list: async () => [], unpack: neverUsed },
    fetch: { text: neverUsed, bytes: neverUsed, kept: neverUsed, size: neverUsed },
    secret: quiet,
    askSecret: async () => undefined,
    tmpDir,
  }
}

/** Gives `bytes` to a plugin as core would, and the result to `use`; the file is gone afterwards. */
export async function withFormat<T>(
  plugin: Plugin,
  bytes: Uint8Array,
  probe: FormatProbe,
  use: (unpacked: Unpacked | undefined, file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pkgcache-format-'))
  try {
    const file = join(folder, 'download')
    await writeFile(file, bytes)
    const normalise = new AsyncSeriesBailHook<[FormatInput, PluginContext], Unpacked>(['input', 'ctx'])
    const api = { hooks: { normalise }, suggest: neverUsed } as unknown as PluginApi
    plugin.setup(api)
    const input: FormatInput = {
      file,
      size: bytes.length,
      head: bytes.subarray(0, HEAD_BYTES),
      hint: probe.hint,
      memberName: probe.memberName ?? 'tool',
    }
    const ctx = formatContext(folder, probe.signal ?? new AbortController().signal)
    return await use(await normalise.promise(input, ctx), file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function collect(chunks: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = []
  if (chunks !== undefined) for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function readUnpacked(unpacked: Unpacked): Promise<ReadFormat> {
  const { format } = unpacked
  if ('tar' in unpacked) return { format, tar: await collect(unpacked.tar) }
  const members: ReadMember[] = []
  for await (const { body, ...member } of unpacked.members) {
    members.push({ ...member, content: await collect(body) })
  }
  return { format, members }
}

/** Opens `bytes` with a plugin and reads everything; undefined when the plugin says "not mine". */
export function readFormat(
  plugin: Plugin,
  bytes: Uint8Array,
  probe: FormatProbe = {},
): Promise<ReadFormat | undefined> {
  return withFormat(plugin, bytes, probe, async (unpacked) => unpacked && (await readUnpacked(unpacked)))
}

/** All decoded bytes in order, whatever the shape. */
async function* decodedChunks(unpacked: Unpacked): AsyncGenerator<Uint8Array, void, undefined> {
  if ('tar' in unpacked) return yield* unpacked.tar
  for await (const member of unpacked.members) if (member.body !== undefined) yield* member.body
}

function opened(unpacked: Unpacked | undefined): Unpacked {
  ok(unpacked !== undefined, 'the plugin does not recognise its own format')
  return unpacked
}

/** Descriptors of this process that point to `file`; where /proc is missing, none can be seen. */
function descriptorsOf(file: string): readonly string[] {
  const folder = '/proc/self/fd'
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)) === file
    } catch {
      return false
    }
  })
}

async function failsAs(code: string, run: () => Promise<unknown>): Promise<void> {
  await rejects(run, (error: unknown) => {
    ok(error instanceof PkgcacheError, `not a PkgcacheError: ${String(error)}`)
    equal(error.code, code, error.message)
    return true
  })
}

/** Buffers, those of native code among them. */
function heldBytes(): number {
  return process.memoryUsage().external
}

/** Garbage collection, which a process has to be told to offer. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Reads with pauses: a decoder that runs ahead without bounds holds much then. */
async function checkMemory(options: FormatConformance): Promise<void> {
  const bytes = await options.large()
  const { hint } = options.valid
  const plugin = options.plugin()
  const collectGarbage = garbageCollector()
  await withFormat(plugin, bytes, hint === undefined ? {} : { hint }, async (unpacked) => {
    collectGarbage()
    const before = heldBytes()
    let highest = 0
    let total = 0
    let pauseAt = 0
    for await (const chunk of decodedChunks(opened(unpacked))) {
      total += chunk.length
      if (total < pauseAt) continue
      pauseAt += MEMORY_LIMIT / 2
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      collectGarbage()
      highest = Math.max(highest, heldBytes() - before)
    }
    ok(total > 2 * MEMORY_LIMIT, `the large archive unpacks to ${total} bytes only`)
    ok(highest < MEMORY_LIMIT, `${highest} bytes were held at once`)
  })
}

async function checkCancel(options: FormatConformance): Promise<void> {
  const bytes = await options.large()
  const controller = new AbortController()
  const probe = { signal: controller.signal, ...(options.valid.hint && { hint: options.valid.hint }) }
  await withFormat(options.plugin(), bytes, probe, async (unpacked, file) => {
    await failsAs('E_ABORTED', async () => {
      for await (const chunk of decodedChunks(opened(unpacked))) if (chunk.length > 0) controller.abort()
    })
    deepEqual(descriptorsOf(file), [], 'file handles left open after cancelling')
  })
}

async function checkAbandon(options: FormatConformance): Promise<void> {
  const bytes = await options.large()
  const probe = options.valid.hint === undefined ? {} : { hint: options.valid.hint }
  await withFormat(options.plugin(), bytes, probe, async (unpacked, file) => {
    for await (const _ of decodedChunks(opened(unpacked))) break
    deepEqual(descriptorsOf(file), [], 'file handles left open by a consumer that stopped')
  })
}

/**
 * What every format plugin must do, as cases for any test runner:
 * `for (const { name, run } of formatConformance({…})) it(name, run)`.
 */
export function formatConformance(options: FormatConformance): readonly ConformanceCase[] {
  const { plugin, valid } = options
  const probe = valid.hint === undefined ? {} : { hint: valid.hint }
  const hints = [undefined, valid.expected.format, valid.hint]
  const fails = (kind: string, samples: FormatSamples): ConformanceCase[] =>
    Object.entries(samples).map(([name, bytes]) => ({
      name: `${kind}: ${name} → E_ARCHIVE`,
      run: () => failsAs('E_ARCHIVE', () => readFormat(plugin(), bytes, probe)),
    }))
  return [
    {
      name: 'reads its own format',
      run: async () => deepEqual(await readFormat(plugin(), valid.bytes, probe), valid.expected),
    },
    ...Object.entries(options.foreign).map(([name, bytes]) => ({
      name: `leaves alone: ${name}`,
      run: async () => {
        for (const hint of hints)
          equal(await readFormat(plugin(), bytes, hint === undefined ? {} : { hint }), undefined)
      },
    })),
    ...fails('truncated', options.truncated),
    ...fails('damaged', options.damaged),
    { name: 'streams in bounded memory', run: () => checkMemory(options) },
    { name: 'ends when cancelled, with its file closed', run: () => checkCancel(options) },
    { name: 'closes its file when the consumer stops', run: () => checkAbandon(options) },
  ]
}
