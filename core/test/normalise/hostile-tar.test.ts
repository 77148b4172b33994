import { afterAll, describe, expect, it } from 'vitest'
import { type RawTarEntry, rawTar } from '../../testing/raw-tar.ts'
import { faultLine } from '../support/fault.ts'
import { repacker } from '../support/repack.ts'

const packing = repacker()
afterAll(() => expect(packing.leftovers(), 'a refused archive leaves nothing behind').toEqual([]))

const file = (name: string | Uint8Array, more: Partial<RawTarEntry> = {}): RawTarEntry => ({
  name,
  content: 'x',
  ...more,
})
const symlink = (name: string, linkName: string): RawTarEntry => ({ name, type: '2', linkName, mode: 0o777 })
const hardlink = (name: string, linkName: string): RawTarEntry => ({ name, type: '1', linkName })
const folder = (name: string): RawTarEntry => ({ name, type: '5', mode: 0o755 })
const gnuName = (type: 'L' | 'K', name: string): RawTarEntry => ({
  name: '././@LongLink',
  type,
  content: `${name}\0`,
  magic: 'ustar  \0',
})

type Case = readonly [what: string, entries: readonly RawTarEntry[], fault: string]

const PATHS: readonly Case[] = [
  ['an absolute path', [file('/etc/passwd')], 'E_POLICY: member "/etc/passwd" has an absolute path'],
  ['a path of slashes', [file('//etc')], 'E_POLICY: member "//etc" has an absolute path'],
  ['..', [file('..')], 'E_POLICY: member ".." has a path that leads out of the archive'],
  ['../ first', [file('../x')], 'E_POLICY: member "../x" has a path that leads out of the archive'],
  [
    '../ inside',
    [file('a/../../x')],
    'E_POLICY: member "a/../../x" has a path that leads out of the archive',
  ],
  [
    '../ that stays inside',
    [file('a/../x')],
    'E_POLICY: member "a/../x" has a path that leads out of the archive',
  ],
  ['.. after ./', [file('./../x')], 'E_POLICY: member "./../x" has a path that leads out of the archive'],
  ['a folder ..', [folder('../')], 'E_POLICY: member "../" has a path that leads out of the archive'],
  [
    'an absolute prefix field',
    [file('passwd', { prefix: '/etc' })],
    'E_POLICY: member "/etc/passwd" has an absolute path',
  ],
  [
    '.. in the prefix field',
    [file('x', { prefix: 'a/../..' })],
    'E_POLICY: member "a/../../x" has a path that leads out of the archive',
  ],
  [
    'backslash traversal',
    [file('a\\..\\x')],
    'E_POLICY: member "a\\\\..\\\\x" has a path that leads out of the archive',
  ],
  ['a backslash root', [file('\\x')], 'E_POLICY: member "\\\\x" has a path that leads out of the archive'],
  ['a drive letter', [file('C:\\x')], 'E_POLICY: member "C:\\\\x" has a path that leads out of the archive'],
  ['a file as the root', [file('./')], 'E_ARCHIVE: member "./" is of type "0" with a body of 1 bytes'],
  ['a link as the root', [symlink('.', 'x')], 'E_POLICY: member "." is the root itself, but not a folder'],
  ['no name', [file('')], 'E_POLICY: member "" is the root itself, but not a folder'],
  [
    'a newline in the name',
    [file('a\nb')],
    'E_POLICY: member "a\\nb" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'an escape in the name',
    [file('a\u001b[2Jb')],
    'E_POLICY: member "a\\u001b[2Jb" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'a C1 control in the name',
    [file('a\u009bb')],
    'E_POLICY: member "a\\u009bb" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'writing turned round in the name',
    [file('a\u202egpj.sh')],
    'E_POLICY: member "a\\u202egpj.sh" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'a name that is no UTF-8',
    [file(Buffer.from('caf\xe9', 'latin1'))],
    'E_POLICY: member "caf\ufffd" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'a NUL in a pax path',
    [file('x', { pax: { path: 'good\0/../evil' } })],
    'E_POLICY: member "good\\u0000/../evil" has control characters or bytes that are no UTF-8 in its name',
  ],
  [
    'a very long path',
    [file('x', { pax: { path: `${'d/'.repeat(512)}x` } })],
    `E_POLICY: member "${'d/'.repeat(50)}…" has a path longer than 1024 bytes`,
  ],
]

const LINKS: readonly Case[] = [
  ['an absolute target', [symlink('l', '/etc')], 'E_POLICY: member "l" is a link to /etc, outside'],
  [
    'a target above',
    [symlink('l', '../x')],
    'E_POLICY: member "l" is a link to "../x", which leads out of the archive',
  ],
  [
    'a target above from below',
    [symlink('a/b/l', '../../../x')],
    'E_POLICY: member "a/b/l" is a link to "../../../x", which leads out of the archive',
  ],
  [
    'out through another link',
    [symlink('a/up', '..'), symlink('l', 'a/up/../x')],
    'E_POLICY: member "l" is a link to "a/up/../x", which leads out of the archive',
  ],
  [
    'out through another link, in the other order',
    [symlink('l', 'a/up/../x'), symlink('a/up', '..')],
    'E_POLICY: member "l" is a link to "a/up/../x", which leads out of the archive',
  ],
  [
    'out through two links',
    [symlink('a/b/one', '..'), symlink('a/two', 'b/one/..'), symlink('l', 'a/two/../x')],
    'E_POLICY: member "l" is a link to "a/two/../x", which leads out of the archive',
  ],
  [
    'in a circle',
    [symlink('a', 'b'), symlink('b', 'a')],
    'E_POLICY: member "a" is a link to "b", which goes round in circles',
  ],
  ['to itself', [symlink('a', 'a')], 'E_POLICY: member "a" is a link to "a", which goes round in circles'],
  ['backslashes', [symlink('l', '..\\x')], 'E_POLICY: member "l" is a link to ..\\x, outside'],
  ['a drive letter', [symlink('l', 'C:\\x')], 'E_POLICY: member "l" is a link to C:\\x, outside'],
  [
    'no target',
    [symlink('l', '')],
    'E_POLICY: member "l" is a link to a name with control characters, or to none',
  ],
  [
    'a target with a newline',
    [symlink('l', 'a\nb')],
    'E_POLICY: member "l" is a link to a name with control characters, or to none',
  ],
  [
    'a pax target outside',
    [{ ...symlink('l', 'x'), pax: { linkpath: '/etc' } }],
    'E_POLICY: member "l" is a link to /etc, outside',
  ],
  [
    'a GNU long target outside',
    [gnuName('K', '/etc'), symlink('l', 'x')],
    'E_POLICY: member "l" is a link to /etc, outside',
  ],
  [
    'a member below a link',
    [symlink('d', 'e'), file('d/x')],
    'E_POLICY: member "d/x" lies below d, which is no folder',
  ],
  [
    'a link in the place of a folder that holds a member',
    [file('d/x'), symlink('d', 'e')],
    'E_POLICY: member "d" is no folder, but other members lie below it',
  ],
  ['a folder that becomes a link', [folder('d/'), symlink('d', 'e')], 'E_POLICY: member "d" is there twice'],
  [
    'a link that becomes a folder',
    [symlink('d', 'e'), folder('d/'), file('d/x')],
    'E_POLICY: member "d" is there twice',
  ],
]

const HARD_LINKS: readonly Case[] = [
  [
    'to a missing file',
    [hardlink('h', 'gone')],
    'E_POLICY: member "h" is a hard link to "gone", which is no file before it in the archive',
  ],
  [
    'to a file that comes later',
    [hardlink('h', 'x'), file('x')],
    'E_POLICY: member "h" is a hard link to "x", which is no file before it in the archive',
  ],
  [
    'to a path outside',
    [hardlink('h', '../x')],
    'E_POLICY: member "../x" has a path that leads out of the archive',
  ],
  [
    'to an absolute path',
    [hardlink('h', '/etc/shadow')],
    'E_POLICY: member "/etc/shadow" has an absolute path',
  ],
  [
    'to a symlink',
    [symlink('l', 'x'), hardlink('h', 'l')],
    'E_POLICY: member "h" is a hard link to "l", which is no file before it in the archive',
  ],
  [
    'to a folder',
    [folder('d'), hardlink('h', 'd')],
    'E_POLICY: member "h" is a hard link to "d", which is no file before it in the archive',
  ],
  [
    'to the same name in other case',
    [file('X'), hardlink('h', 'x')],
    'E_POLICY: member "h" is a hard link to "x", which is no file before it in the archive',
  ],
  [
    'with a body',
    [file('x'), { ...hardlink('h', 'x'), content: 'evil' }],
    'E_ARCHIVE: member "h" is of type "1" with a body of 4 bytes',
  ],
]

describe.each([
  ['paths', PATHS],
  ['symbolic links', LINKS],
  ['hard links', HARD_LINKS],
] as const)('a hostile tar: %s', (_, cases) => {
  it.each(cases)('%s', async (_what, entries, fault) => {
    expect(await faultLine(() => packing.tar(rawTar(entries)))).toBe(fault)
  })
})
