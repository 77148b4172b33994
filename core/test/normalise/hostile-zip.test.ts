import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import formatZip from '../../../plugins/format-zip/src/index.ts'
import { type RawZipEntry, rawZip } from '../../testing/raw-zip.ts'
import { faultLine } from '../support/fault.ts'
import { opened } from '../support/host.ts'
import { repacker } from '../support/repack.ts'
import { tempFolders } from '../support/temp.ts'

const packing = repacker()
const folder = tempFolders()
afterAll(() => expect(packing.leftovers(), 'a refused archive leaves nothing behind').toEqual([]))

const LINK = 0o120777
const file = (name: string | Uint8Array): RawZipEntry => ({ name, content: 'x' })
const link = (name: string, target: string): RawZipEntry => ({ name, content: target, mode: LINK })

async function packZip(entries: readonly RawZipEntry[]) {
  const path = join(folder(), 'a.zip')
  writeFileSync(path, rawZip(entries))
  const unpacked = await opened(formatZip(), path)
  if (!('members' in unpacked)) throw new Error('format-zip gives members')
  return packing.members(unpacked.members)
}

describe('a hostile zip', () => {
  it.each<readonly [string, readonly RawZipEntry[], string]>([
    ['an absolute path', [file('/etc/x')], 'E_POLICY: member "/etc/x" has an absolute path'],
    ['..', [file('../x')], 'E_POLICY: member "../x" has a path that leads out of the archive'],
    [
      '.. inside',
      [file('a/../../x')],
      'E_POLICY: member "a/../../x" has a path that leads out of the archive',
    ],
    [
      'backslashes',
      [file('a\\..\\..\\x')],
      'E_POLICY: member "a\\\\..\\\\..\\\\x" has a path that leads out of the archive',
    ],
    ['a drive', [file('C:\\x')], 'E_POLICY: member "C:\\\\x" has a path that leads out of the archive'],
    [
      'control characters',
      [file('a\u001bb')],
      'E_POLICY: member "a\\u001bb" has control characters or bytes that are no UTF-8 in its name',
    ],
    ['a member twice', [file('a'), file('a')], 'E_POLICY: member "a" is there twice'],
    ['other case', [file('A'), file('a')], 'E_POLICY: member "a" differs from A only in case'],
    ['an absolute link', [link('l', '/etc')], 'E_POLICY: member "l" is a link to /etc, outside'],
    [
      'a link out',
      [link('l', '../x')],
      'E_POLICY: member "l" is a link to "../x", which leads out of the archive',
    ],
    [
      'a link out through another',
      [link('l', 'a/up/../x'), link('a/up', '..')],
      'E_POLICY: member "l" is a link to "a/up/../x", which leads out of the archive',
    ],
    [
      'a member below a link',
      [link('d', 'e'), file('d/x')],
      'E_POLICY: member "d/x" lies below d, which is no folder',
    ],
    ['nothing', [], 'E_ARCHIVE: the archive holds nothing'],
  ])('%s', async (_, entries, fault) => {
    expect(await faultLine(() => packZip(entries))).toBe(fault)
  })

  it.each<readonly [string, readonly RawZipEntry[], RegExp]>([
    ['a character device', [{ name: 'd', mode: 0o020644 }], /^E_POLICY: .*"d"/],
    ['a FIFO', [{ name: 'd', mode: 0o010644 }], /^E_POLICY: .*"d"/],
    ['more content than told', [{ name: 'f', content: 'xxxx', size: 2 }], /^E_ARCHIVE: .*"f"/],
    ['a wrong checksum', [{ name: 'f', content: 'xxxx', crc: 1 }], /^E_ARCHIVE: .*"f"/],
  ])('%s, refused by the format itself', async (_, entries, fault) => {
    expect(await faultLine(() => packZip(entries))).toMatch(fault)
  })

  it('gives a sound zip the same canonical shape as a tar', async () => {
    const { members } = await packZip([
      { name: 'bin/', mode: 0o042755 },
      { name: 'bin/tool', content: 'x', mode: 0o104755 },
      link('l', 'bin/tool'),
    ])
    expect(members).toEqual([
      { path: 'bin', type: 'directory', mode: 0o755, size: 0 },
      { path: 'bin/tool', type: 'file', mode: 0o755, size: 1 },
      { path: 'l', type: 'symlink', mode: 0o777, size: 0, linkName: 'bin/tool' },
    ])
  })
})
