import type { PkgcacheError } from '../errors/error.ts'
import { formatBytes, printable } from '../format.ts'
import type { MemberInfo } from '../model/artifact.ts'
import { hostile, overCap, quoted } from './faults.ts'
import { LinkGraph } from './links.ts'

/** Caps on what an archive may come to. */
export interface ArchiveLimits {
  /** Members. */
  readonly entries: number
  /** Bytes of all contents together. */
  readonly totalBytes: number
  /** Contents ÷ download, counted once contents exceed `ratioFrom` bytes. */
  readonly ratio: number
  readonly ratioFrom: number
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  entries: 200_000,
  totalBytes: 32 * 2 ** 30,
  ratio: 200,
  ratioFrom: 64 * 2 ** 20,
}

const MAX_PATH_BYTES = 1024
// control characters, what turns the direction of writing, and what stands for bytes that are no UTF-8
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffd]/u

/** A member that must not reach a node. */
function refuse(path: string, why: string): PkgcacheError {
  return hostile(`member ${quoted(path)} ${why}`)
}

/**
 * Judges members one by one as they stream by, and all links at the end. What passes can be unpacked by root's `tar`
 * without a byte landing outside the folder or on another member.
 */
export class ArchivePolicy {
  readonly #limits: ArchiveLimits
  readonly #sourceBytes: number
  readonly #members: MemberInfo[] = []
  /** Case-folded path → the path as first seen. */
  readonly #seen = new Map<string, MemberInfo>()
  /** Case-folded paths of everything that must be a folder. */
  readonly #parents = new Set<string>()
  readonly #links = new LinkGraph()
  #bytes = 0
  #streamed = 0

  /** @param sourceBytes size of the download, for the ratio */
  constructor(sourceBytes: number, limits: ArchiveLimits = DEFAULT_LIMITS) {
    this.#sourceBytes = sourceBytes
    this.#limits = limits
  }

  get members(): readonly MemberInfo[] {
    return this.#members
  }

  /**
   * @returns the member as it may be packed; undefined for one to leave out (the root folder, a folder once more)
   * @throws E_POLICY with the member's name
   */
  admit(member: MemberInfo): MemberInfo | undefined {
    const path = cleanPath(member.path)
    if (path === '') {
      if (member.type === 'directory') return undefined
      throw refuse(member.path, 'is the root itself, but not a folder')
    }
    const clean = this.#withLink({ ...member, path, mode: member.mode & 0o777 })
    if (this.#isRepeatedFolder(clean)) return undefined
    this.#checkPlace(clean)
    if (this.#members.length >= this.#limits.entries) {
      const why = `is one more than the ${this.#limits.entries} members an archive may have`
      throw overCap(`member ${quoted(path)} ${why}`, 'limits.entries')
    }
    this.#members.push(clean)
    this.#seen.set(fold(path), clean)
    return clean
  }

  /** Counts content as it comes: a bomb is stopped at its cap, whatever its headers say. */
  count(path: string, bytes: number): void {
    this.#bytes += bytes
    const { totalBytes, ratio, ratioFrom } = this.#limits
    const over = () => `member ${quoted(path)} takes the archive over`
    if (this.#bytes > totalBytes)
      throw overCap(`${over()} ${formatBytes(totalBytes)}`, 'limits.unpackedBytes')
    if (this.#bytes > ratioFrom && this.#bytes > this.#sourceBytes * ratio) {
      throw overCap(`${over()} ${ratio} times the size of the download`, 'limits.ratio')
    }
  }

  /** Counts a tar stream as it comes: headers without members and zeros without end hold no content to count. */
  countStream(bytes: number): void {
    this.#streamed += bytes
    const besides = this.#streamed - this.#bytes
    const { ratio, ratioFrom } = this.#limits
    if (besides <= ratioFrom || besides <= this.#sourceBytes * ratio) return
    throw overCap(
      `the archive holds ${formatBytes(besides)} besides its contents, over ${ratio} times the size of the download`,
      'limits.ratio',
    )
  }

  /** To be called after the last member. @throws E_POLICY for links that lead out, also through other links */
  finish(): void {
    const fault = this.#links.firstFault()
    if (fault) throw refuse(fault.path, fault.why)
  }

  #withLink(member: MemberInfo): MemberInfo {
    if (member.type === 'symlink') return { ...member, linkName: this.#symlink(member) }
    if (member.type === 'hardlink') return { ...member, linkName: this.#hardlink(member) }
    return member
  }

  #symlink(member: MemberInfo): string {
    const target = member.linkName ?? ''
    if (target === '' || CONTROL.test(target))
      throw refuse(member.path, 'is a link to a name with control characters, or to none')
    if (target.startsWith('/') || leavesByBackslash(target))
      throw refuse(member.path, `is a link to ${printable(target)}, outside`)
    this.#links.add(member.path, target)
    return target
  }

  #hardlink(member: MemberInfo): string {
    const target = cleanPath(member.linkName ?? '')
    const linked = this.#seen.get(fold(target))
    if (linked?.type !== 'file' || linked.path !== target) {
      throw refuse(
        member.path,
        `is a hard link to ${quoted(target)}, which is no file before it in the archive`,
      )
    }
    return target
  }

  #isRepeatedFolder(member: MemberInfo): boolean {
    const earlier = this.#seen.get(fold(member.path))
    return member.type === 'directory' && earlier?.type === 'directory' && earlier.path === member.path
  }

  #checkPlace(member: MemberInfo): void {
    const earlier = this.#seen.get(fold(member.path))
    if (earlier) {
      const how =
        earlier.path === member.path
          ? 'is there twice'
          : `differs from ${printable(earlier.path)} only in case`
      throw refuse(member.path, how)
    }
    for (let slash = member.path.indexOf('/'); slash !== -1; slash = member.path.indexOf('/', slash + 1)) {
      const parent = this.#seen.get(fold(member.path.slice(0, slash)))
      if (parent && parent.type !== 'directory')
        throw refuse(member.path, `lies below ${printable(parent.path)}, which is no folder`)
      this.#parents.add(fold(member.path.slice(0, slash)))
    }
    if (member.type !== 'directory') this.#checkNothingBelow(member)
  }

  #checkNothingBelow(member: MemberInfo): void {
    // folders need no entry of their own, so a file can come after what lies "in" it
    if (this.#parents.has(fold(member.path)))
      throw refuse(member.path, 'is no folder, but other members lie below it')
  }
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function leavesByBackslash(path: string): boolean {
  return path.includes('\\') && (/^[\\]|^[A-Za-z]:/.test(path) || path.split(/[\\/]/).includes('..'))
}

/** `./a//b/` → `a/b`. @throws E_POLICY for what cannot be made clean */
function cleanPath(path: string): string {
  if (CONTROL.test(path)) throw refuse(path, 'has control characters or bytes that are no UTF-8 in its name')
  if (path.startsWith('/')) throw refuse(path, 'has an absolute path')
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw refuse(`${path.slice(0, 100)}…`, `has a path longer than ${MAX_PATH_BYTES} bytes`)
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..') || leavesByBackslash(path))
    throw refuse(path, 'has a path that leads out of the archive')
  return segments.join('/')
}
