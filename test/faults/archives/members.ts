import { type Hostile, hostile, type Shape } from './kit.ts'

const link = (path: string, target: string): Shape => ({ path, kind: 'symlink', target })
const hard = (path: string, target: string): Shape => ({ path, kind: 'hardlink', target })
const folder = (path: string): Shape => ({ path: `${path}/`, kind: 'folder' })
const file = (path: string | Uint8Array): Shape => ({ path })
const TARS = ['tar', 'tar.gz'] as const
const OUT = 'leads out of the archive'

const PATHS: readonly Hostile[] = [
  {
    what: 'an absolute path',
    shapes: [file('/etc/passwd')],
    member: '/etc/passwd',
    why: 'has an absolute path',
  },
  { what: 'a path of slashes', shapes: [file('//x')], member: '//x', why: 'has an absolute path' },
  { what: '..', shapes: [file('../x')], member: '../x', why: OUT },
  { what: '.. inside', shapes: [file('a/../../x')], member: 'a/../../x', why: OUT },
  { what: '.. that stays inside', shapes: [file('a/../x')], member: 'a/../x', why: OUT },
  { what: 'a folder ..', shapes: [folder('a/..')], member: 'a/../', why: OUT },
  { what: 'backslashes', shapes: [file('a\\..\\..\\x')], member: 'a\\..\\..\\x', why: OUT },
  { what: 'a backslash first', shapes: [file('\\x')], member: '\\x', why: OUT },
  { what: 'a drive', shapes: [file('C:\\x')], member: 'C:\\x', why: OUT },
  { what: 'a UNC path', shapes: [file('\\\\host\\share\\x')], member: '\\\\host\\share\\x', why: OUT },
  { what: 'a newline', shapes: [file('a\nb')], member: 'a\nb', why: 'control characters' },
  {
    what: 'an escape sequence',
    shapes: [file('a\u001b[2Jb')],
    member: 'a\u001b[2Jb',
    why: 'control characters',
  },
  { what: 'a carriage return', shapes: [file('a\rb')], member: 'a\rb', why: 'control characters' },
  {
    what: 'writing turned round',
    shapes: [file('tool\u202egpj.sh')],
    member: 'tool\u202egpj.sh',
    why: 'control characters',
  },
  { what: 'a mark that hides', shapes: [file('a\u2066b')], member: 'a\u2066b', why: 'control characters' },
  {
    what: 'a path of over 1024 bytes',
    shapes: [file(`${'d/'.repeat(600)}x`)],
    member: `${'d/'.repeat(50)}…`,
    why: 'longer than 1024 bytes',
    forms: ['zip'],
  },
  { what: 'a file as the root', shapes: [file('.')], member: '.', why: 'is the root itself' },
  {
    what: 'a link as the root',
    shapes: [link('./', 'x')],
    member: './',
    why: 'is the root itself',
    forms: TARS,
  },
]

const LINKS: readonly Hostile[] = [
  { what: 'to an absolute path', shapes: [link('l', '/etc')], member: 'l', why: 'outside' },
  { what: 'out of the archive', shapes: [link('l', '../x')], member: 'l', why: OUT },
  { what: 'out from below', shapes: [link('a/b/l', '../../../x')], member: 'a/b/l', why: OUT },
  {
    what: 'out through a link before',
    shapes: [link('a/up', '..'), link('l', 'a/up/../x')],
    member: 'l',
    why: OUT,
  },
  {
    what: 'out through a link behind',
    shapes: [link('l', 'a/up/../x'), link('a/up', '..')],
    member: 'l',
    why: OUT,
  },
  {
    what: 'out through a chain',
    shapes: [link('a/b/one', '..'), link('a/two', 'b/one/..'), link('l', 'a/two/../x')],
    member: 'l',
    why: OUT,
  },
  {
    what: 'in a circle',
    shapes: [link('a', 'b'), link('b', 'a')],
    member: 'a',
    why: 'goes round in circles',
  },
  { what: 'to itself', shapes: [link('l', 'l')], member: 'l', why: 'goes round in circles' },
  { what: 'by backslashes', shapes: [link('l', '..\\x')], member: 'l', why: 'outside' },
  { what: 'to a drive', shapes: [link('l', 'C:\\x')], member: 'l', why: 'outside' },
  { what: 'to nothing', shapes: [link('l', '')], member: 'l', why: 'or to none' },
  {
    what: 'to a name with an escape',
    shapes: [link('l', 'a\u001b[2J')],
    member: 'l',
    why: 'control characters',
  },
  {
    what: 'with a file written through it',
    shapes: [link('d', 'e'), file('d/x')],
    member: 'd/x',
    why: 'lies below d, which is no folder',
  },
  {
    what: 'with a file written through it before',
    shapes: [file('d/x'), link('d', 'e')],
    member: 'd',
    why: 'other members lie below it',
  },
  {
    what: 'with a file in its place',
    shapes: [link('d', 'bin/tool'), file('d')],
    member: 'd',
    why: 'is there twice',
  },
  {
    what: 'with a folder in its place',
    shapes: [link('d', 'bin'), folder('d')],
    member: 'd',
    why: 'is there twice',
  },
]

const HARD_LINKS: readonly Hostile[] = [
  { what: 'to a path outside', shapes: [hard('h', '../x')], member: '../x', why: OUT, forms: TARS },
  {
    what: 'to an absolute path',
    shapes: [hard('h', '/etc/shadow')],
    member: '/etc/shadow',
    why: 'absolute',
    forms: TARS,
  },
  {
    what: 'to a file that comes later',
    shapes: [hard('h', 'x'), file('x')],
    member: 'h',
    why: 'no file before it',
    forms: TARS,
  },
  {
    what: 'to a missing file',
    shapes: [hard('h', 'gone')],
    member: 'h',
    why: 'no file before it',
    forms: TARS,
  },
  {
    what: 'to a symlink',
    shapes: [link('l', 'bin/tool'), hard('h', 'l')],
    member: 'h',
    why: 'no file before it',
    forms: TARS,
  },
  {
    what: 'to a folder',
    shapes: [folder('d'), hard('h', 'd')],
    member: 'h',
    why: 'no file before it',
    forms: TARS,
  },
  { what: 'to itself', shapes: [hard('h', 'h')], member: 'h', why: 'no file before it', forms: TARS },
]

const KINDS: readonly Hostile[] = [
  {
    what: 'a character device',
    shapes: [{ path: 'dev/null', kind: 'character' }],
    member: 'dev/null',
    why: 'device',
  },
  { what: 'a block device', shapes: [{ path: 'dev/sda', kind: 'block' }], member: 'dev/sda', why: 'device' },
  { what: 'a FIFO', shapes: [{ path: 'pipe', kind: 'fifo' }], member: 'pipe', why: 'FIFO' },
  {
    what: 'a socket',
    shapes: [{ path: 'sock', kind: 'socket' }],
    member: 'sock',
    why: 'socket',
    forms: ['zip'],
  },
]

const TWICE: readonly Hostile[] = [
  { what: 'the same', shapes: [file('a'), file('a')], member: 'a', why: 'is there twice' },
  {
    what: 'the same, spelt otherwise',
    shapes: [file('a/b'), file('./a//b')],
    member: 'a/b',
    why: 'is there twice',
  },
  { what: 'in other case', shapes: [file('Tool'), file('tool')], member: 'tool', why: 'only in case' },
  {
    what: 'in another normal form',
    shapes: [file('caf\u00e9'), file('cafe\u0301')],
    member: 'cafe\u0301',
    why: 'only in case',
  },
  { what: 'as file and folder', shapes: [file('a'), folder('a')], member: 'a', why: 'is there twice' },
  { what: 'folders in other case', shapes: [folder('A'), folder('a')], member: 'a', why: 'only in case' },
  { what: 'a file below a file', shapes: [file('a'), file('a/b')], member: 'a/b', why: 'which is no folder' },
  {
    what: 'a file in place of a folder',
    shapes: [file('a/b'), file('a')],
    member: 'a',
    why: 'other members lie below it',
  },
  {
    what: 'a file below one in other case',
    shapes: [file('A'), file('a/b')],
    member: 'a/b',
    why: 'which is no folder',
  },
]

const manyFiles = Array.from({ length: 60 }, (_, n) => file(`f${n}`))

const CAPS: readonly Hostile[] = [
  {
    what: 'too many members',
    shapes: manyFiles,
    member: 'f49',
    why: 'one more than the 50 members',
    hint: 'limits.entries',
    config: { limits: { entries: 50 } },
  },
  {
    what: 'too much content',
    shapes: [
      { path: 'a', content: Buffer.alloc(60_000) },
      { path: 'b', content: Buffer.alloc(60_000) },
    ],
    member: 'b',
    why: 'takes the archive over 100 kB',
    hint: 'limits.unpackedBytes',
    config: { limits: { unpackedBytes: 100_000 } },
  },
  {
    what: 'content that is far more than the download',
    shapes: [{ path: 'zeros', content: Buffer.alloc(68 << 20) }],
    member: 'zeros',
    why: 'takes the archive over 50 times the size of the download',
    hint: 'limits.ratio',
    config: { limits: { ratio: 50 } },
    forms: ['tar.gz', 'zip'],
  },
]

export const MEMBERS = {
  'paths of members': hostile(PATHS),
  'symbolic links': hostile(LINKS),
  'hard links': hostile(HARD_LINKS),
  'members that are no file': hostile(KINDS),
  'members twice': hostile(TWICE),
  caps: hostile(CAPS),
}
