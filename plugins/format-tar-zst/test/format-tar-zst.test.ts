import { flipBit, formatConformance, smallTar, smallZip } from '@pkgcache/core/testing'
import { describe, it } from 'vitest'
import { compress } from 'zstd-napi'
import tarZst from '../src/index.ts'

const tar = smallTar()
const valid = compress(tar, { checksumFlag: true })
const skippable = Buffer.from('5e2a4d1805000000aabbccddee', 'hex')
const half = tar.length / 2
const frames = Buffer.concat([
  skippable,
  compress(tar.subarray(0, half)),
  skippable,
  compress(tar.subarray(half)),
  skippable,
])
const zeros = compress(Buffer.alloc(150 * 1024 * 1024))

describe('format-tar-zst', () => {
  const cases = formatConformance({
    plugin: () => tarZst(),
    valid: { bytes: valid, hint: 'tar.zst', expected: { format: 'tar.zst', tar } },
    foreign: {
      tar,
      zip: smallZip(),
      'zstd 0.7': Buffer.from('27b52ffd0000', 'hex'),
      'three bytes': valid.subarray(0, 3),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'magic only': valid.subarray(0, 4),
      'half of it': valid.subarray(0, valid.length >> 1),
      'no checksum': valid.subarray(0, -4),
      'last byte missing': valid.subarray(0, -1),
      'second frame cut': frames.subarray(0, -skippable.length - 1),
      'skippable frame cut': frames.subarray(0, -1),
    },
    damaged: {
      'one bit in the data': flipBit(valid, valid.length >> 1),
      'wrong checksum': flipBit(valid, -1),
      'garbage behind': Buffer.concat([valid, Buffer.from('garbage')]),
      'zeros behind': Buffer.concat([valid, Buffer.alloc(512)]),
    },
    large: () => zeros,
  })
  for (const { name, run } of cases) it(name, run)

  const several = formatConformance({
    plugin: () => tarZst(),
    valid: { bytes: frames, expected: { format: 'tar.zst', tar } },
    foreign: {},
    truncated: {},
    damaged: {},
    large: () => zeros,
  })
  for (const { name, run } of several.slice(0, 1)) it(`several frames: ${name}`, run)
})
