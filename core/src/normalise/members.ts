import type { MemberInfo } from '../model/artifact.ts'
import type { Member, Unpacked } from '../plugins/types.ts'
import { damaged } from './faults.ts'
import { fromTar, sizeFault, statedMember } from './packer.ts'
import { type ArchiveLimits, ArchivePolicy } from './policy.ts'
import { faultsPlaced, type RawMember, TarReader, type TarSink } from './tar-reader.ts'

export interface JudgeOptions {
  /** Bytes of the download, for the ratio cap. */
  readonly sourceBytes: number
  readonly limits?: ArchiveLimits
  readonly signal: AbortSignal
}

/**
 * An archive's members one by one, each as the policy lets it pass; links are judged after the last one.
 * @throws E_POLICY, E_ARCHIVE, and what the decoder throws
 */
export async function* judgedMembers(
  unpacked: Unpacked,
  options: JudgeOptions,
): AsyncGenerator<Member, void, undefined> {
  const policy = new ArchivePolicy(options.sourceBytes, options.limits)
  if ('tar' in unpacked) yield* tarMembers(unpacked.tar, policy, options.signal)
  else yield* statedMembers(unpacked.members, policy, options.signal)
  policy.finish()
  if (policy.members.length === 0) throw damaged('the archive holds nothing')
}

async function* statedMembers(
  members: AsyncIterable<Member>,
  policy: ArchivePolicy,
  signal: AbortSignal,
): AsyncGenerator<Member, void, undefined> {
  for await (const member of members) {
    signal.throwIfAborted()
    const admitted = policy.admit(statedMember(member))
    if (admitted === undefined) continue
    const { mtime, body } = member
    yield { ...admitted, mtime, ...(body && { body: counted(body, admitted, policy, signal) }) }
  }
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  member: MemberInfo,
  policy: ArchivePolicy,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = member.size
  for await (const chunk of body) {
    signal.throwIfAborted()
    left -= chunk.length
    if (left < 0) throw sizeFault(member)
    policy.count(member.path, chunk.length)
    yield chunk
  }
  if (left !== 0) throw sizeFault(member)
}

type TarEvent = { readonly member: MemberInfo; readonly mtime: number } | Uint8Array | 'end'

/** Keeps what the reader tells until somebody asks for it. */
class EventQueue implements TarSink {
  readonly #policy: ArchivePolicy
  #events: TarEvent[] = []
  /** Absent for a member that is left out. */
  #path: string | undefined

  constructor(policy: ArchivePolicy) {
    this.#policy = policy
  }

  member(raw: RawMember): void {
    const member = this.#policy.admit(fromTar(raw))
    this.#path = member?.path
    if (member !== undefined) this.#events.push({ member, mtime: raw.mtime })
  }

  data(bytes: Uint8Array): void {
    if (this.#path === undefined) return
    this.#policy.count(this.#path, bytes.length)
    this.#events.push(bytes)
  }

  memberEnd(): void {
    if (this.#path !== undefined) this.#events.push('end')
  }

  take(): readonly TarEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }
}

type TarEvents = AsyncGenerator<TarEvent, void, undefined>

/** Members and their contents in order; held at once is what one chunk of the tar gives. */
async function* tarEvents(
  tar: AsyncIterable<Uint8Array>,
  policy: ArchivePolicy,
  signal: AbortSignal,
): TarEvents {
  const queue = new EventQueue(policy)
  const reader = new TarReader(queue)
  for await (const chunk of faultsPlaced(tar, reader)) {
    signal.throwIfAborted()
    reader.push(chunk)
    policy.countStream(chunk.length)
    yield* queue.take()
  }
  reader.end()
  yield* queue.take()
}

async function* tarMembers(
  tar: AsyncIterable<Uint8Array>,
  policy: ArchivePolicy,
  signal: AbortSignal,
): AsyncGenerator<Member, void, undefined> {
  const events = tarEvents(tar, policy, signal)
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      // what is left of a body that nobody read
      if (next.value === 'end' || next.value instanceof Uint8Array) continue
      const { member, mtime } = next.value
      yield { ...member, mtime, ...(member.type === 'file' && { body: bodyOf(events) }) }
    }
  } finally {
    await events.return()
  }
}

async function* bodyOf(events: TarEvents): AsyncGenerator<Uint8Array, void, undefined> {
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    if (!(next.value instanceof Uint8Array)) return
    yield next.value
  }
}
