import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ToolId, ToolLayout } from './layouts.ts'

/** A tool's folder that is being made ready. */
export interface Dressing {
  readonly id: ToolId
  /** Absolute path of what becomes the tool's folder. */
  readonly root: string
  /** Name of the folder of the archive that held all, where it was taken away. */
  readonly top?: string
}

/** True when there is something, a link that leads nowhere not. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function hasProgram(root: string, programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => isThere(join(root, program))))
  return found.includes(true)
}

/** The one folder in `root`, where there is nothing else. A `bin` is no folder that was only put around a tool. */
async function onlyFolder(root: string): Promise<string | undefined> {
  const [entry, ...others] = await readdir(root, { withFileTypes: true })
  return entry?.isDirectory() && others.length === 0 && entry.name !== 'bin' ? entry.name : undefined
}

/**
 * Turns what an archive held into the tool's folder: leaves out, takes away the folder around it, adds.
 * @param unpacked absolute path of the folder that holds it
 * @returns the folder that is the tool's, and whether one of its programs is in its place
 * @throws E_TOOL_CACHE
 */
export async function dress(
  unpacked: string,
  id: ToolId,
  layout: ToolLayout,
): Promise<{ readonly root: string; readonly complete: boolean }> {
  for (const name of await readdir(unpacked)) {
    if (layout.drop.some((pattern) => pattern.test(name))) await rm(join(unpacked, name), { recursive: true })
  }
  const programs = layout.programs(id)
  const top = layout.strip && !(await hasProgram(unpacked, programs)) ? await onlyFolder(unpacked) : undefined
  const root = top === undefined ? unpacked : join(unpacked, top)
  if (id.platform === 'win32') {
    for (const path of layout.dropOnWindows ?? [])
      await rm(join(root, path), { recursive: true, force: true })
  }
  await layout.finish?.({ id, root, ...(top !== undefined && { top }) })
  return { root, complete: programs.length === 0 || (await hasProgram(root, programs)) }
}
