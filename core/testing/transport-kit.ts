import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncSeriesBailHook } from 'tapable'
import { PkgcacheError } from '../src/errors/error.ts'
import type { Delivery, NodeSpec } from '../src/model/node.ts'
import type { NodeSession, Plugin, PluginContext } from '../src/plugins/types.ts'

/** A context for calling a transport without a run, and what it was told. */
export interface TransportContext extends PluginContext {
  /** Everything `progress` got, in order. */
  readonly reported: readonly { readonly done: number; readonly total?: number }[]
  /** Everything logged, as `level: message`. */
  readonly logged: readonly string[]
}

/**
 * A context for one call of a transport, quiet, which keeps what it was told.
 * @param signal aborts the call; by default nothing does
 */
export function transportContext(signal: AbortSignal = new AbortController().signal): TransportContext {
  const reported: { done: number; total?: number }[] = []
  const logged: string[] = []
  const log = (level: string) => (message: string) => void logged.push(`${level}: ${message}`)
  const unused = () => Promise.reject(new Error('a transport needs no fetch'))
  const nothingStored = () => {
    throw new Error('a transport unpacks nothing')
  }
  return Object.freeze({
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    progress: (progress: { done: number; total?: number }) => void reported.push(progress),
    signal,
    store: { root: tmpdir(), list: async () => [], unpack: nothingStored },
    fetch: { text: unused, bytes: unused, kept: unused, size: unused },
    secret: () => undefined,
    askSecret: async () => undefined,
    tmpDir: tmpdir(),
    reported,
    logged,
  })
}

/** Connects through a plugin's `distribute` tap, as core does. */
export async function connectThrough(
  plugin: Plugin,
  node: NodeSpec,
  ctx: PluginContext = transportContext(),
): Promise<NodeSession | undefined> {
  const distribute = new AsyncSeriesBailHook<[NodeSpec, PluginContext], NodeSession>(['node', 'ctx'])
  plugin.setup({ hooks: { distribute } as never, suggest: () => undefined, locate: () => undefined })
  return distribute.promise(node, ctx)
}

/** A local file to deliver, with its digest. */
export async function deliveryOf(file: string, content: Uint8Array, remotePath: string): Promise<Delivery> {
  await writeFile(file, content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { file, remotePath, size: content.length, sha256 }
}

/** One node to try a transport on. */
export interface TransportFixture {
  readonly plugin: Plugin
  readonly node: NodeSpec
  /** Where this machine sees the node's root: the suite reads and spoils files there. */
  readonly root: string
  close?(): Promise<void>
}

/** What a case of the suite gets: a fresh node, a session to it, a folder of its own. */
export interface Trial {
  readonly fixture: TransportFixture
  readonly session: NodeSession
  readonly folder: string
}

/** One thing that is asked of a transport. */
export type Case = readonly [title: string, body: (trial: Trial) => Promise<void>]

/** Where most cases put their file. */
export const REMOTE_PATH = 'tool/tool-1.0.0-amd64.tar.zst'

/** Files below a root, sorted; what a transport keeps for itself left out. */
export async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !file.startsWith('.pkgcache/'))
    .sort()
}

/** Fails unless `work` ends with a PkgcacheError of this code. */
export async function rejectsWith(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof PkgcacheError, `${error} is no PkgcacheError`)
    assert.equal(error.code, code)
    return true
  })
}
