import { describe, expect, it } from 'vitest'
import { type ArchiveLimits, ArchivePolicy, DEFAULT_LIMITS } from '../../src/normalise/policy.ts'
import { rawTar } from '../../testing/raw-tar.ts'
import { faultLine, faultOf } from '../support/fault.ts'
import { repacker } from '../support/repack.ts'

const LIMITS: ArchiveLimits = { entries: 3, totalBytes: 5000, ratio: 10, ratioFrom: 1000 }
const packing = repacker()

function policy(sourceBytes: number): ArchivePolicy {
  return new ArchivePolicy(sourceBytes, LIMITS)
}

function admit(judge: ArchivePolicy, path: string): void {
  judge.admit({ path, type: 'file', mode: 0o644, size: 0 })
}

describe('caps', () => {
  it('are these by default', () => {
    expect(DEFAULT_LIMITS).toEqual({
      entries: 200_000,
      totalBytes: 34_359_738_368,
      ratio: 200,
      ratioFrom: 67_108_864,
    })
  })

  it('stop one member too many, by its name', async () => {
    const judge = policy(1000)
    for (const path of ['a', 'b', 'c']) admit(judge, path)
    expect(await faultLine(() => admit(judge, 'd'))).toBe(
      'E_POLICY: member "d" is one more than the 3 members an archive may have',
    )
  })

  it('do not count the root and folders told again', () => {
    const judge = policy(1000)
    for (const path of ['./', 'd', 'd/', './d', 'd'])
      judge.admit({ path, type: 'directory', mode: 0o755, size: 0 })
    expect(judge.members.map(({ path }) => path)).toEqual(['d'])
  })

  it('stop contents over the total', async () => {
    const judge = policy(5000)
    judge.count('a', 5000)
    expect(await faultLine(() => judge.count('b', 1))).toBe(
      'E_POLICY: member "b" takes the archive over 5.0 kB',
    )
  })

  it('stop contents over the ratio, but not small ones', async () => {
    const judge = policy(1)
    judge.count('a', 1000)
    expect(await faultLine(() => judge.count('b', 1))).toBe(
      'E_POLICY: member "b" takes the archive over 10 times the size of the download',
    )
    const fair = policy(200)
    fair.count('a', 2000)
    expect(await faultLine(() => fair.count('b', 1))).toBe(
      'E_POLICY: member "b" takes the archive over 10 times the size of the download',
    )
  })

  it('stop a stream that holds next to nothing', async () => {
    const judge = policy(1)
    judge.count('a', 900)
    judge.countStream(1900)
    expect(await faultLine(() => judge.countStream(1))).toBe(
      'E_POLICY: the archive holds 1.0 kB besides its contents, over 10 times the size of the download',
    )
  })
})

describe('a cap that is hit', () => {
  const over = (bytes: number) => {
    const judge = policy(1)
    judge.count('a', bytes)
  }
  const fourMembers = () => {
    const judge = policy(1000)
    for (const path of ['a', 'b', 'c', 'd']) admit(judge, path)
  }
  it.each([
    ['entries', fourMembers],
    ['unpackedBytes', () => over(5001)],
    ['ratio', () => over(1001)],
    ['ratio', () => policy(1).countStream(1001)],
  ])('names limits.%s, which raises it', async (key, work) => {
    expect((await faultOf(work)).hint).toBe(`if you trust it, raise \`limits.${key}\` in the config`)
  })
})

describe('a bomb', () => {
  const MiB = 1 << 20

  async function* zeros(start: Uint8Array, count: number): AsyncGenerator<Uint8Array> {
    yield start
    const zero = new Uint8Array(MiB)
    for (let sent = 0; sent < count; sent++) yield zero
  }

  it('of content is stopped at its cap, by the name of the member; what compresses well is none', async () => {
    const bytes = 66 * MiB
    const members = zeros(Buffer.alloc(0), 66)
    const bomb = { path: 'bomb', type: 'file', mode: 0o644, size: bytes, mtime: 0, body: members } as const
    const one = (async function* () {
      yield bomb
    })()
    // the helper says the download has 1 MiB: 66 is within 200 times that
    expect((await packing.members(one)).unpackedSize).toBe(bytes + 3 * 512)
    const tar = rawTar([{ name: 'bomb', size: bytes }], { endBlocks: 0 })
    expect(await faultLine(() => packing.stream(zeros(tar, 66), 1000))).toBe(
      'E_POLICY: member "bomb" takes the archive over 200 times the size of the download',
    )
  })

  it('of zeros behind the end is stopped', async () => {
    expect(await faultLine(() => packing.stream(zeros(rawTar([{ name: 'x' }]), 66), 1000))).toMatch(
      /^E_POLICY: the archive holds 67\.1 MB besides its contents, over 200 times/,
    )
  })
})
