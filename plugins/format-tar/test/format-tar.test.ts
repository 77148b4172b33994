import { gzipSync } from 'node:zlib'
import { flipBit, formatConformance, rawTar, readFormat, smallTar, smallZip } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import tar from '../src/index.ts'

const valid = smallTar()
const large = rawTar([{ name: 'zeros', content: Buffer.alloc(150 * 1024 * 1024) }])

describe('format-tar', () => {
  // Truncation and damage inside are for core's tar parser to find: this plugin hands the bytes on.
  const cases = formatConformance({
    plugin: () => tar(),
    valid: { bytes: valid, hint: 'tar', expected: { format: 'tar', tar: valid } },
    foreign: {
      'tar.gz': gzipSync(valid),
      zip: smallZip(),
      'a text': Buffer.from('a text about ustar\n'.repeat(100)),
      'v7 with a wrong checksum': flipBit(rawTar([{ name: 'a', magic: '' }]), 0),
      'less than a block of zeros': Buffer.alloc(511),
      empty: Buffer.alloc(0),
    },
    truncated: {},
    damaged: {},
    large: () => large,
  })
  for (const { name, run } of cases) it(name, run)

  it.each([
    ['GNU', rawTar([{ name: 'a', magic: 'ustar  \0' }]), undefined, true],
    ['v7', rawTar([{ name: 'a', magic: '' }]), undefined, true],
    ['v7 with high bytes in the name', rawTar([{ name: 'é', magic: '' }]), undefined, true],
    ['an empty tar, declared', rawTar([]), 'tar', true],
    ['an empty tar, not declared', rawTar([]), undefined, false],
    ['an empty tar, declared otherwise', rawTar([]), 'tar.gz', false],
  ])('recognises %s', async (_name, bytes, hint, recognised) => {
    const read = await readFormat(tar(), bytes, hint === undefined ? {} : { hint })
    expect(read).toEqual(recognised ? { format: 'tar', tar: bytes } : undefined)
  })
})
