import { gzipSync } from 'node:zlib'
import { flipBit, formatConformance, smallTar, smallZip } from '@pkgcache/core/testing'
import { describe, it } from 'vitest'
import tarGz from '../src/index.ts'

const tar = smallTar()
const valid = gzipSync(tar)
const half = tar.length / 2
const twoMembers = Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))])

describe('format-tar-gz', () => {
  const cases = formatConformance({
    plugin: () => tarGz(),
    valid: { bytes: valid, expected: { format: 'tar.gz', tar } },
    foreign: {
      tar,
      zip: smallZip(),
      text: Buffer.from('hello\n'),
      'compress (.Z)': Buffer.from([0x1f, 0x9d, 0x90, 0, 0]),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'header only': valid.subarray(0, 10),
      'half of it': valid.subarray(0, valid.length / 2),
      'no trailer': valid.subarray(0, -8),
      'last byte missing': valid.subarray(0, -1),
      'second member cut': twoMembers.subarray(0, -5),
    },
    damaged: {
      'wrong CRC': flipBit(valid, -8),
      'wrong length': flipBit(valid, -4),
      'one bit in the data': flipBit(valid, valid.length >> 1),
      'garbage behind': Buffer.concat([valid, Buffer.from('garbage')]),
      'zeros behind': Buffer.concat([valid, Buffer.alloc(512)]),
      'zeros, then much garbage behind': Buffer.concat([
        valid,
        Buffer.alloc(3_000_000),
        Buffer.alloc(3_000_000, 'x'),
      ]),
    },
    large: () => gzipSync(Buffer.alloc(200 * 1024 * 1024)),
  })
  for (const { name, run } of cases) it(name, run)

  const several = formatConformance({
    plugin: () => tarGz(),
    valid: { bytes: twoMembers, hint: 'tgz', expected: { format: 'tar.gz', tar } },
    foreign: {},
    truncated: {},
    damaged: {},
    large: () => Buffer.concat(Array.from({ length: 20 }, () => gzipSync(Buffer.alloc(10 * 1024 * 1024)))),
  })
  for (const { name, run } of several) it(`several members: ${name}`, run)
})
