import { PkgcacheError } from '../errors/error.ts'
import type { StoreRecord } from '../model/record.ts'
import type { Member } from '../plugins/types.ts'
import { hashFile } from '../store/hash-file.ts'
import type { ArchiveLimits } from './policy.ts'
import { type Formats, recognise } from './recognise.ts'

/** What unpacking a stored file needs of a run. */
export interface UnpackOptions {
  /** Absolute path of the record's file. */
  readonly file: string
  readonly formats: Formats
  readonly limits: ArchiveLimits
  readonly signal: AbortSignal
}

/**
 * What a stored package holds, kept as it was or normalised: its digest checked, its members judged.
 * @throws E_CORRUPT, E_FORMAT, E_POLICY, E_ARCHIVE, E_ABORTED, and what the disk says
 */
export async function* unpackStored(
  record: StoreRecord,
  options: UnpackOptions,
): AsyncGenerator<Member, void, undefined> {
  const { file, formats, limits, signal } = options
  const sha256 = await hashFile(file, signal)
  if (sha256 !== record.sha256) {
    throw new PkgcacheError(
      'E_CORRUPT',
      `${record.file} has SHA-256 ${sha256}, recorded is ${record.sha256}`,
      {
        hint: '`pkgcache prune --invalid` removes it, the next run fetches it again',
      },
    )
  }
  const hint = record.type === 'kept' ? record.format : 'tar.zst'
  const unpacked = await recognise({ file, size: record.size, hint, memberName: record.name }, formats)
  // with it comes the tar library, which a run that unpacks nothing has no use for
  const { judgedMembers } = await import('./members.ts')
  yield* judgedMembers(unpacked, { sourceBytes: record.source_size, limits, signal })
}
