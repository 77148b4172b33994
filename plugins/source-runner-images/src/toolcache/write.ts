import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatKey, PkgcacheError, type PluginContext, type RunResult, toPkgcacheError } from '@pkgcache/core'
import { dress } from './dress.ts'
import { extract } from './extract.ts'
import { isInPlace, Workplace } from './place.ts'
import { type CachedTool, cachedTools } from './tools.ts'

/** Tools that are written at once: while one waits for the disk, another one is decoded. */
const AT_ONCE = 4
/** An archive that holds an installer holds little else. */
const MEMBERS_OF_INSTALLER = 8

/**
 * Writes every cached package of section `toolcache` into a tool cache, `<dir>/<tool>/<version>/<arch>`, with the marker
 * `<arch>.complete` that `actions/tool-cache` looks for. What is there already, made of the same download, is left alone.
 * @param dir absolute path; `{platform}` in it stands for `linux`, `win32` or `darwin`
 * @throws AggregateError of an E_TOOL_CACHE for each tool that could not be written; E_ABORTED
 */
export async function writeToolCache(result: RunResult, dir: string, ctx: PluginContext): Promise<void> {
  const { tools, errors } = cachedTools(result, dir)
  const failed = [...errors]
  for (const place of new Set(tools.map((tool) => tool.dir))) {
    const own = tools.filter((tool) => tool.dir === place)
    failed.push(...(await writeInto(new Workplace(place), own, ctx)))
  }
  if (failed.length > 0) throw new AggregateError(failed, `${failed.length} tools are not in the tool cache`)
}

/** @returns what failed, in the order of the tools */
async function writeInto(
  workplace: Workplace,
  tools: readonly CachedTool[],
  ctx: PluginContext,
): Promise<PkgcacheError[]> {
  const faults = new Map<CachedTool, PkgcacheError>()
  const attempt = <T>(tool: CachedTool, work: Promise<T>): Promise<T | undefined> =>
    work.catch((thrown: unknown) => {
      faults.set(tool, toolFault(thrown, tool))
      return undefined
    })
  const due: CachedTool[] = []
  for (const tool of tools) {
    if (await isInPlace(tool.folder, tool.record.source_sha256)) continue
    if ((await attempt(tool, isInstaller(tool, ctx))) === false) due.push(tool)
  }
  const failed = () => tools.flatMap((tool) => faults.get(tool) ?? [])
  if (due.length === 0 && !(await workplace.isThere())) return failed()
  try {
    const leave = await workplace.enter(ctx.signal)
    try {
      await eachOf(due, (tool) => attempt(tool, write(workplace, tool, ctx)))
    } finally {
      await leave()
    }
    return failed()
  } catch (thrown) {
    return [...failed(), placeFault(thrown, workplace.dir)]
  }
}

/** A few at a time, in their order. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const left = all.values()
  const worker = async () => {
    for (const one of left) await work(one)
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

/** Told as what it is: nothing is wrong, but only the image itself can do the rest. */
async function isInstaller({ id, layout, record, dir }: CachedTool, ctx: PluginContext): Promise<boolean> {
  if (layout.installer === undefined) return false
  let seen = 0
  for await (const { path } of ctx.store.unpack(record)) {
    if (layout.installer.test(path)) {
      const script = id.platform === 'win32' ? 'setup.ps1' : 'setup.sh'
      ctx.logger.warn(
        `${id.tool} ${id.version} ${id.arch} is an installer (${path}), so it is not in ${dir}: on the image, ` +
          `unpack ${join(ctx.store.root, record.file)} and run its ${script} with AGENT_TOOLSDIRECTORY set`,
      )
      return true
    }
    if (++seen === MEMBERS_OF_INSTALLER) return false
  }
  return false
}

async function write(workplace: Workplace, tool: CachedTool, ctx: PluginContext): Promise<void> {
  const { id, layout, record, folder } = tool
  await workplace.withFolder(async (temp) => {
    const unpacked = join(temp, 'unpacked')
    await mkdir(unpacked)
    await extract(ctx.store.unpack(record), unpacked)
    const { root, complete } = await dress(unpacked, id, layout)
    if (!complete) {
      const programs = layout.programs(id).join(' or ')
      ctx.logger.warn(
        `${id.tool} ${id.version} ${id.arch} holds no ${programs}; jobs may not be able to use it`,
      )
    }
    await workplace.put(root, folder, record.source_sha256, temp)
  })
  ctx.logger.info(`${id.tool} ${id.version} ${id.arch} is in ${workplace.dir}`)
}

function toolFault(thrown: unknown, { id, record }: CachedTool): PkgcacheError {
  const cause = toPkgcacheError(thrown, 'E_TOOL_CACHE')
  if (cause.code === 'E_ABORTED') throw cause
  const message = `${id.tool} ${id.version} ${id.arch} is not in the tool cache: ${cause.message}`
  const details = { cause, ...(cause.hint !== undefined && { hint: cause.hint }) }
  return new PkgcacheError('E_TOOL_CACHE', message, details).at({ item: formatKey(record) })
}

function placeFault(thrown: unknown, dir: string): PkgcacheError {
  const cause = toPkgcacheError(thrown, 'E_TOOL_CACHE')
  if (cause.code === 'E_ABORTED') throw cause
  return new PkgcacheError('E_TOOL_CACHE', `the tool cache ${dir} cannot be written: ${cause.message}`, {
    hint: cause.hint ?? '`toolCache` names a folder that this user may write to',
    cause,
  })
}
