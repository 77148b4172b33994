import type { PkgcacheError } from '../errors/error.ts'
import type { MemberInfo } from '../model/artifact.ts'
import type { Member } from '../plugins/types.ts'
import { damaged, hostile, quoted } from './faults.ts'
import type { ArchivePolicy } from './policy.ts'
import type { RawMember, TarSink } from './tar-reader.ts'
import { endMarker, memberHeader, padding } from './tar-writer.ts'

const TYPE_OF_FLAG: Readonly<Record<string, MemberInfo['type']>> = {
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
}
const NAME_OF_FLAG: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a FIFO',
  S: 'a sparse file',
  V: 'a volume label',
  M: 'a continuation of another archive',
  D: 'a GNU dump folder',
}

/** Takes members, has the policy judge them, and writes the canonical tar. */
export class Packer implements TarSink {
  readonly #policy: ArchivePolicy
  readonly #write: (bytes: Uint8Array) => void
  #current: { readonly member: MemberInfo; left: number } | undefined
  #dropping = false

  constructor(policy: ArchivePolicy, write: (bytes: Uint8Array) => void) {
    this.#policy = policy
    this.#write = write
  }

  /** A member of a tar archive. @throws E_POLICY */
  member(raw: RawMember): void {
    this.begin(fromTar(raw), raw.mtime)
  }

  /** A member, from wherever. @throws E_POLICY */
  begin(stated: MemberInfo, mtime: number): void {
    const member = this.#policy.admit(stated)
    this.#dropping = member === undefined
    if (member === undefined) return
    this.#write(memberHeader(member, mtime))
    this.#current = { member, left: member.type === 'file' ? member.size : 0 }
  }

  data(bytes: Uint8Array): void {
    const current = this.#current
    if (current === undefined || this.#dropping) return
    current.left -= bytes.length
    if (current.left < 0) throw sizeFault(current.member)
    this.#policy.count(current.member.path, bytes.length)
    this.#write(bytes)
  }

  memberEnd(): void {
    const current = this.#current
    this.#current = undefined
    if (current === undefined) return
    if (current.left !== 0) throw sizeFault(current.member)
    if (current.member.type === 'file') this.#write(padding(current.member.size))
  }

  /** After the last member. @throws E_POLICY for links, E_ARCHIVE for an empty archive */
  finish(): void {
    this.#policy.finish()
    if (this.#policy.members.length === 0) throw damaged('the archive holds nothing')
    this.#write(endMarker())
  }
}

/** For a member that comes longer or shorter than it says. */
export function sizeFault(member: MemberInfo): PkgcacheError {
  return damaged(`member ${quoted(member.path)} has another size than its header says`)
}

/** What a tar's header states, in core's words. @throws E_POLICY, E_ARCHIVE */
export function fromTar(raw: RawMember): MemberInfo {
  // tar before POSIX had no flag for folders, only the slash
  const type = raw.flag === '0' && raw.path.endsWith('/') ? 'directory' : TYPE_OF_FLAG[raw.flag]
  if (type === undefined) {
    const what = NAME_OF_FLAG[raw.flag] ?? `of unknown type ${quoted(raw.flag)}`
    throw hostile(`member ${quoted(raw.path)} is ${what}`)
  }
  // GNU tar ignores the size of links and folders, others read so many bytes: only zero means the same to all
  if (type !== 'file' && raw.size !== 0) {
    const what = `is of type "${raw.flag}" with a body of ${raw.size} bytes`
    throw damaged(`member ${quoted(raw.path)} ${what}`)
  }
  const isLink = type === 'symlink' || type === 'hardlink'
  return { path: raw.path, type, mode: raw.mode, size: raw.size, ...(isLink && { linkName: raw.linkName }) }
}

/** A member as a format plugin states it, without its content. */
export function statedMember(member: Member): MemberInfo {
  const { path, type, mode, size, linkName } = member
  return { path, type, mode, size, ...(linkName !== undefined && { linkName }) }
}
