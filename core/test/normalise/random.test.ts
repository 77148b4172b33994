import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import type { MemberInfo } from '../../src/model/artifact.ts'
import { Packer } from '../../src/normalise/packer.ts'
import { ArchivePolicy } from '../../src/normalise/policy.ts'
import { TarReader } from '../../src/normalise/tar-reader.ts'
import { rawTar } from '../../testing/raw-tar.ts'

/** Members and bytes of the canonical tar, or the code of the fault. */
function read(tar: Uint8Array): { members: readonly MemberInfo[]; written: Buffer } | string {
  const written: Uint8Array[] = []
  const policy = new ArchivePolicy(tar.length)
  const packer = new Packer(policy, (bytes) => written.push(Uint8Array.from(bytes)))
  const reader = new TarReader(packer)
  try {
    reader.push(tar)
    reader.end()
    packer.finish()
    return { members: policy.members, written: Buffer.concat(written) }
  } catch (thrown) {
    if (thrown instanceof PkgcacheError) return thrown.code
    throw thrown
  }
}

/** Sets the checksum of the header at `at` right, so that what follows it is really read. */
function mended(tar: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(tar)
  if (at + 512 > copy.length) return copy
  copy.fill(' ', at + 148, at + 156)
  const sum = copy.subarray(at, at + 512).reduce((total, byte) => total + byte, 0)
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
  return copy
}

const FAULTS = ['E_ARCHIVE', 'E_POLICY']
const segment = fc.oneof(
  fc.constantFrom('..', '.', '', 'a', 'b', 'A', '\\', 'C:', '~', '\u0000', '\u202e', 'é', 'e\u0301'),
  fc.string({ maxLength: 6, unit: 'binary' }),
)
const path = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join('/'))
const entry = fc.record({
  name: path,
  type: fc.constantFrom('0', '0', '0', '1', '2', '5', '7', 'x', 'L', 'K', 'S', '3'),
  linkName: path,
  content: fc.string({ maxLength: 600 }),
  prefix: fc.oneof(fc.constant(''), path),
})

describe('any bytes', () => {
  it('end in members or in a fault of the archive', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
        const result = read(bytes)
        return typeof result !== 'string' || FAULTS.includes(result)
      }),
    )
  })

  it('with headers whose checksums hold, too', () => {
    const block = fc.uint8Array({ minLength: 512, maxLength: 512 })
    fc.assert(
      fc.property(block, fc.uint8Array({ maxLength: 2048 }), (header, rest) => {
        const result = read(mended(Buffer.concat([header, rest]), 0))
        return typeof result !== 'string' || FAULTS.includes(result)
      }),
      { numRuns: 200 },
    )
  })

  it('changed in one place of a sound archive', () => {
    const sound = rawTar([
      { name: 'd/', type: '5' },
      { name: 'x', content: 'content', pax: { path: 'd/ü', mtime: '5.5' } },
      { name: 'l', type: '2', linkName: 'd' },
    ])
    const header = fc.constantFrom(0, 512, 1536, 2560)
    fc.assert(
      fc.property(header, fc.nat(511), fc.nat(255), (at, offset, value) => {
        const changed = Buffer.from(sound)
        changed.writeUInt8(value, at + offset)
        const result = read(mended(changed, at))
        return typeof result !== 'string' || FAULTS.includes(result)
      }),
      { numRuns: 300 },
    )
  })
})

describe('any members', () => {
  const contained = ({ path: member, linkName }: MemberInfo): boolean =>
    [member, linkName ?? ''].every((text) => !text.startsWith('/') && !text.includes('\u0000')) &&
    !member.split('/').some((part) => part === '' || part === '.' || part === '..')

  it('that pass stay inside, each in a place of its own', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const result = read(rawTar(entries))
        if (typeof result === 'string') return FAULTS.includes(result)
        const folded = result.members.map((member) => member.path.normalize('NFC').toLowerCase())
        return result.members.every(contained) && new Set(folded).size === folded.length
      }),
      { numRuns: 500 },
    )
  })

  it('that pass are read back the same from the canonical tar', () => {
    const good = fc.record({
      name: fc.string({ minLength: 1, maxLength: 90 }),
      content: fc.uint8Array({ maxLength: 1500 }),
      mode: fc.nat(0o7777),
      mtime: fc.nat(2 ** 31),
    })
    let compared = 0
    fc.assert(
      fc.property(fc.array(good, { minLength: 1, maxLength: 5 }), (entries) => {
        const first = read(rawTar(entries))
        if (typeof first === 'string') return
        const again = read(first.written)
        expect(typeof again === 'string' ? again : again.written.equals(first.written)).toBe(true)
        compared++
      }),
      { numRuns: 200 },
    )
    expect(compared).toBeGreaterThan(40)
  })
})
