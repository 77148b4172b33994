import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type NodeConfig, PkgcacheError } from '@pkgcache/core'
import { transportContext } from '@pkgcache/core/testing'
import { AsyncParallelHook } from 'tapable'
import { afterAll } from 'vitest'
import inventoryAnsible, { type InventoryAnsibleOptions } from '../src/index.ts'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** Files by their paths. */
export type Tree = Readonly<Record<string, string | Uint8Array>>

/** A folder of its own with these files. */
export function folderWith(tree: Tree): string {
  const folder = mkdtempSync(join(tmpdir(), 'pkgcache-inventory-'))
  made.push(folder)
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** What the plugin did, through the hook that the host calls. */
export interface Told {
  readonly nodes: readonly NodeConfig[] | undefined
  readonly warnings: readonly string[]
  readonly secrets: readonly string[]
}

export async function ask(
  dir: string,
  options: InventoryAnsibleOptions,
  signal = new AbortController().signal,
): Promise<Told> {
  const warnings: string[] = []
  const secrets: string[] = []
  const base = transportContext(signal)
  const ctx = {
    ...base,
    logger: { ...base.logger, warn: (message: string) => void warnings.push(message) },
    secret: (text: string) => void secrets.push(text),
  }
  const inventory = new AsyncParallelHook<[unknown, unknown]>(['request', 'ctx'])
  let answer: { nodes: readonly NodeConfig[] } | undefined
  inventory.intercept({
    register: (tap) => {
      const fn = tap.fn as (...args: unknown[]) => Promise<typeof answer>
      return {
        ...tap,
        fn: async (...args: unknown[]) => {
          answer = await fn(...args)
        },
      }
    },
  })
  inventoryAnsible(options).setup({
    hooks: { inventory } as never,
    suggest: () => undefined,
    locate: () => undefined,
  })
  await inventory.promise({ dir }, ctx)
  return { nodes: answer?.nodes, warnings, secrets }
}

/** The plugin's answer for one inventory. */
export function askFor(tree: Tree, options: InventoryAnsibleOptions = {}): Promise<Told> {
  return ask(folderWith(tree), { files: Object.keys(tree)[0] ?? '', ...options })
}

/** The faults it ends with. */
export async function faultsOf(
  tree: Tree,
  options: InventoryAnsibleOptions = {},
): Promise<readonly string[]> {
  try {
    const { nodes } = await askFor(tree, options)
    return [`no fault: ${JSON.stringify(nodes)}`]
  } catch (error) {
    if (!(error instanceof PkgcacheError) || error.code !== 'E_INVENTORY') throw error
    if (!error.hint) throw new Error(`no hint: ${error.message}`)
    return error.faults
  }
}
