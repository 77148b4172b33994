import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fetched, Staged } from '../model/artifact.ts'
import { formatsOf, type RunContext, stageScope } from '../run/context.ts'
import { uniqueName } from '../store/atomic.ts'
import { recognise } from './recognise.ts'

const EXTENSIONS: readonly (readonly [RegExp, string])[] = [
  [/\.(tar\.gz|tgz)$/i, 'tar.gz'],
  [/\.(tar\.bz2|tbz2?)$/i, 'tar.bz2'],
  [/\.(tar\.xz|txz)$/i, 'tar.xz'],
  [/\.(tar\.zst|tzst)$/i, 'tar.zst'],
  [/\.tar$/i, 'tar'],
  [/\.zip$/i, 'zip'],
  [/\.7z$/i, '7z'],
]

/** The format that a URL's file name suggests. */
export function formatOfName(name: string): string | undefined {
  return EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1]
}

/**
 * Makes a download what will be published: a canonical `.tar.zst`, or itself when it is to be kept.
 * @throws E_FORMAT, E_ARCHIVE, E_POLICY, E_NOSPC, E_STORE
 */
export async function normalise(fetched: Fetched, run: RunContext): Promise<Staged> {
  return run.limiters.normalise.run(run.signal, () =>
    fetched.resolved.normalise === false ? keep(fetched) : repackDownload(fetched, run),
  )
}

async function keep(fetched: Fetched): Promise<Staged> {
  const handle = await open(fetched.file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  const { file, size, digests, resolved, url } = fetched
  const format = resolved.format ?? formatOfName(new URL(url).pathname) ?? 'file'
  return {
    ...fetched,
    stored: { file, size, sha256: digests.sha256, format, unpackedSize: size, members: [] },
  }
}

async function repackDownload(fetched: Fetched, run: RunContext): Promise<Staged> {
  const scope = stageScope(run, fetched.resolved.key, 'normalise')
  const { resolved, size: sourceBytes } = fetched
  const input = {
    file: fetched.file,
    size: sourceBytes,
    hint: resolved.format ?? formatOfName(new URL(fetched.url).pathname),
    memberName: resolved.member ?? resolved.name,
  }
  const unpacked = await recognise(input, formatsOf(run.host, scope))
  // with it comes the tar library, which a run that finds everything cached has no use for
  const { repack } = await import('./repack.ts')
  const file = join(run.tmpDir, uniqueName('archive'))
  const { members, size, sha256, contentSha256, unpackedSize } = await repack(unpacked, run.workers, {
    file,
    sourceBytes,
    limits: run.settings.caps,
    signal: run.signal,
    onProgress: (done) => scope.progress?.({ done }),
  })
  return {
    ...fetched,
    stored: { file, size, sha256, contentSha256, format: unpacked.format, unpackedSize, members },
  }
}
