import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flipBit, formatConformance, readFormat, smallTar, smallZip } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findCommand } from '../../../core/src/normalise/decode-command.ts'
import tarBz2 from '../src/index.ts'
import { SMALL, ZEROS } from './samples.ts'

const tar = smallTar()
const EMPTY = Buffer.from('425a683917724538509000000000', 'hex')
const lbzip2 = await findCommand(['lbzip2'])
const bzip2 = await findCommand(['bzip2'])

function cases(zeros: number) {
  return formatConformance({
    plugin: () => tarBz2(),
    valid: { bytes: SMALL, hint: 'tar.bz2', expected: { format: 'tar.bz2', tar } },
    foreign: {
      tar,
      zip: smallZip(),
      'a text': Buffer.from('BZhello\n'),
      'bzip (1)': Buffer.from('BZ0'),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'header only': SMALL.subarray(0, 4),
      'block mark only': SMALL.subarray(0, 10),
      'half of it': SMALL.subarray(0, SMALL.length >> 1),
      'last byte missing': SMALL.subarray(0, -1),
      'second stream cut': Buffer.concat([SMALL, SMALL.subarray(0, -20)]),
    },
    damaged: {
      'one bit in the data': flipBit(SMALL, SMALL.length >> 1),
      'wrong checksum': flipBit(SMALL, 12),
      'garbage behind': Buffer.concat([SMALL, Buffer.from('garbage')]),
      'zeros behind': Buffer.concat([SMALL, Buffer.alloc(512)]),
    },
    large: () => Buffer.concat(Array.from({ length: zeros }, () => ZEROS)),
  })
}

/** With a PATH that offers this command only. */
function withCommand(command: string): void {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-path-'))
    await symlink(command, join(folder, command.slice(command.lastIndexOf('/') + 1)))
  })
  beforeEach(() => {
    vi.stubEnv('PATH', folder)
  })
  afterAll(() => rm(folder, { recursive: true }))
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.skipIf(lbzip2 === undefined)('format-tar-bz2 with lbzip2', () => {
  withCommand(lbzip2 ?? '')
  for (const { name, run } of cases(20)) it(name, run)
})

describe.skipIf(bzip2 === undefined)('format-tar-bz2 with bzip2', () => {
  withCommand(bzip2 ?? '')
  for (const { name, run } of cases(20)) it(name, run)

  it('is not led astray by the environment of the command', async () => {
    vi.stubEnv('BZIP2', '--test')
    expect(await readFormat(tarBz2(), SMALL)).toEqual({ format: 'tar.bz2', tar })
  })
})

describe('format-tar-bz2 without a command', () => {
  beforeEach(() => {
    vi.stubEnv('PATH', '')
  })
  for (const { name, run } of cases(20)) it(name, run)

  it('reads several streams, and one without content', async () => {
    const read = await readFormat(tarBz2(), Buffer.concat([SMALL, SMALL]))
    expect(read?.tar?.equals(Buffer.concat([tar, tar]))).toBe(true)
    expect(await readFormat(tarBz2(), EMPTY)).toEqual({ format: 'tar.bz2', tar: Buffer.alloc(0) })
  })
})
