import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLockFile } from '../../src/lockfile/read.ts'
import { renderLockFile } from '../../src/lockfile/write.ts'
import { Schemas } from '../../src/schemas.ts'
import { faultOf } from '../support/fault.ts'
import { ENTRY, parsed } from '../support/lock.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const SOUND = renderLockFile([ENTRY])
const with_ = (from: string, to: string) => {
  const changed = SOUND.replace(from, () => to)
  if (changed === SOUND) throw new Error(`there is no ${from}`)
  return changed
}

/** Text, and what is said of it after `/p/pkgcache.lock`. */
const CASES: readonly (readonly [what: string, text: string, message: string])[] = [
  ['nothing', '', ', line 1: it is empty'],
  ['comments only', '# a\n\n  # b\n', ', line 1: it is empty'],
  ['a scalar', 'hello\n', ', line 1: it is no `key: value`'],
  ['a list', '- "a"\n', ', line 1: it is no mapping'],
  ['no version', 'packages: []\n', ', line 1: its version is missing, this pkgcache reads 1'],
  ['another version', with_('version: 1', 'version: 2'), ', line 1: its version is 2, this pkgcache reads 1'],
  [
    'a version in quotes',
    with_('version: 1', 'version: "1"'),
    ', line 1: its version is "1", this pkgcache reads 1',
  ],
  ['no packages', 'version: 1\n', ', line 1: `packages` is no list'],
  ['another key', `${SOUND}extra: 1\n`, ', line 1: unknown key "extra"'],
  ['an alias', with_('https://dl.example/tool.tar', '*a'), ', line 13: this text needs quotes'],
  ['an anchor', with_('source: source-test', 'source: &a source-test'), ', line 11: this text needs quotes'],
  ['a tag', with_('size: 1234', 'size: !!int 1234'), ', line 14: this text needs quotes'],
  ['a merge key', with_('    source:', '    <<: "x"\n    source:'), ', line 11: it is no `key: value`'],
  ['__proto__', with_('    source:', '    __proto__: "x"\n    source:'), ', line 11: it is no `key: value`'],
  ['a flow list', with_('urls:\n      - ', 'urls: ['), ', line 12: this text needs quotes'],
  ['a flow mapping', 'version: 1\npackages: {}\n', ', line 2: this text needs quotes'],
  ['a directive', `%YAML 1.1\n---\n${SOUND}`, ', line 1: it is no `key: value`'],
  ['two documents', `${SOUND}---\n${SOUND}`, ', line 19: it is no `key: value`'],
  ['a block text', with_('source: source-test', 'source: |\n      x'), ', line 11: this text needs quotes'],
  [
    'a key twice',
    with_('    source:', '    size: 1\n    source:').replace('size: 1234', 'size: 2'),
    ', line 15: the key "size" stands here twice',
  ],
  [
    'a package twice',
    SOUND + SOUND.slice(SOUND.indexOf('  - name')),
    ', line 19: this package stands in it twice',
  ],
  [
    'a version that is a number',
    with_('version: "1.10"', 'version: 1.10'),
    ', line 10: a number that is text needs quotes',
  ],
  ['null', with_('source: source-test', 'source: null'), ', line 11: this text needs quotes'],
  ['no value', with_('source: source-test', 'source:'), ', line 11: the key has no value'],
  [
    'an open quote',
    with_('version: "1.10"', 'version: "1.10'),
    ', line 10: its quotes or what they hold cannot be read',
  ],
  [
    'text behind a quote',
    with_('version: "1.10"', 'version: "1.10" x'),
    ', line 10: something follows the closing quote',
  ],
  [
    'an escape that is none',
    with_('version: "1.10"', 'version: "\\x41"'),
    ', line 10: its quotes or what they hold cannot be read',
  ],
  ['a tab', with_('    source:', '\tsource:'), ', line 11: it holds a control character'],
  ['an escape sequence', with_('source-test', 'source\u001b[31m'), ', line 11: it holds a control character'],
  [
    'a text that turns around',
    with_('source-test', 'source-\u202etset'),
    ', line 11: it holds a control character',
  ],
  ['conflict marks', `<<<<<<< HEAD\n${SOUND}`, ', line 1: it is no `key: value`'],
  [
    'an indent out of nowhere',
    with_('    size:', '       size:'),
    ', line 14: it is indented like nothing before it',
  ],
  ['lists in lists', 'version: 1\npackages:\n  - - - "x"\n', ', line 3: this text needs quotes'],
  [
    'depth',
    `a:\n${Array.from({ length: 9 }, (_, depth) => `${' '.repeat(depth + 1)}a:`).join('\n')}\n`,
    ', line 7: it is nested too deep',
  ],
  ['a long line', with_('source-test', 'x'.repeat(9000)), ', line 11: it is longer than 8192'],
  [
    'many keys',
    `${Array.from({ length: 40 }, (_, n) => `k${n}: 1`).join('\n')}\n`,
    ', line 33: there are too many keys',
  ],
  [
    'many URLs',
    with_('      - https', `${'      - https://x/\n'.repeat(40)}      - https`),
    ', line 45: the list is too long',
  ],
  [
    'a name for another folder',
    with_('name: tool', 'name: "../tool"'),
    ', line 5: "../tool" cannot be used as a name',
  ],
  [
    'a version for another folder',
    with_('    version: "1.10"', '    version: "1/../.."'),
    ', line 5: "1/../.." cannot be used as a version',
  ],
  [
    'a request for another folder',
    with_('request: "1.10"', 'request: ".."'),
    ', line 5: ".." cannot be used as a version',
  ],
  [
    'a key too long together',
    with_('name: tool', `name: ${'T'.repeat(120)}`),
    ', line 5: name, version, platform and arch have 257 characters together',
  ],
  [
    'a URL that is none',
    with_('https://dl.example/tool.tar', 'dl.example'),
    ', line 5: "dl.example" is no URL',
  ],
  [
    'a URL with a password',
    with_('https://dl', 'https://me:s3cret@dl'),
    ', line 5: "https://dl.example/tool.tar" has a user or a password in it',
  ],
]

/** A change of one field, and what the schema says of it. */
const FIELDS: readonly (readonly [what: string, text: string, faults: readonly string[]])[] = [
  [
    'a digest in capitals',
    with_(ENTRY.sha256, ENTRY.sha256.toUpperCase()),
    [`sha256: "${ENTRY.sha256.toUpperCase()}" does not have the right form (lower-case hex)`],
  ],
  [
    'a short digest',
    with_(ENTRY.sha256, 'abc'),
    ['sha256: "abc" does not have the right form (lower-case hex)'],
  ],
  ['a size below zero', with_('size: 1234', 'size: "-1"'), ['size: must be integer, is string']],
  ['no digest', with_(`    sha256: ${ENTRY.sha256}\n`, ''), ['key "sha256" is missing']],
  [
    'a misspelt key',
    with_('    source:', '    sorce:'),
    ['key "source" is missing', 'unknown key "sorce"; did you mean "source"?'],
  ],
  [
    'a trust that is none',
    with_('minimum_trust: tofu', 'minimum_trust: blind'),
    ['minimum_trust: must be one of signed, pinned, checksum-file, tofu, unverified'],
  ],
  [
    'normalise as it is anyway',
    with_('    source:', '    normalise: true\n    source:'),
    ['normalise: must be false'],
  ],
  ['a package that is text', 'version: 1\npackages:\n  - "tool"\n', ['must be object, is string']],
]

describe('a lock file from a repository', () => {
  it.each(CASES)('with %s is refused by line', async (_, text, message) => {
    const { code, message: said, exitCode } = await faultOf(() => parsed(text))
    expect([code, exitCode, said]).toEqual(['E_LOCK_FILE', 2, `/p/pkgcache.lock${message}`])
  })

  it.each(FIELDS)('with %s is refused by field', async (_, text, faults) => {
    const error = await faultOf(() => parsed(text))
    expect([error.code, error.faults]).toEqual(['E_LOCK_FILE', faults])
    expect(error.message).toMatch(
      /^\/p\/pkgcache\.lock, line [135]: the package there is not as it should be$/,
    )
  })

  it('costs no more than its size: megabytes of what makes a YAML library run out of memory', async () => {
    const megabytes = 4 << 20
    const bombs = [']', ': ', '&a ', '!x ', '[', '- ', '? ', '{a: ', 'a: 1\n', '\n', '- a: 1\n', ' \n']
    for (const bomb of bombs) {
      const { code } = await faultOf(() => parsed(bomb.repeat(megabytes / bomb.length)))
      expect([bomb, code]).toEqual([bomb, 'E_LOCK_FILE'])
    }
  })
})

describe('a lock file on disk', () => {
  const schemas = new Schemas()
  const said = async (file: string) => {
    const { code, message } = await faultOf(() => readLockFile(file, schemas))
    return `${code}: ${message.replace(file, '')}`
  }

  it('may be missing', async () => {
    expect(await readLockFile(join(folder(), 'pkgcache.lock'), schemas)).toBeUndefined()
  })

  it.each<readonly [string, (file: string) => void, string]>([
    ['a folder', (file) => mkdirSync(file), 'E_LOCK_FILE: : it is no regular file'],
    [
      'a link to an endless device',
      (file) => symlinkSync('/dev/zero', file),
      'E_LOCK_FILE: : it is no regular file',
    ],
    ['a pipe', (file) => execFileSync('mkfifo', [file]), 'E_LOCK_FILE: : it is no regular file'],
    [
      'no UTF-8',
      (file) => writeFileSync(file, Buffer.from([0x76, 0xff])),
      'E_LOCK_FILE: : it is no UTF-8 text',
    ],
    [
      'larger than can be',
      (file) => {
        writeFileSync(file, '')
        truncateSync(file, (16 << 20) + 1)
      },
      'E_LOCK_FILE: : it is larger than 16777216 bytes',
    ],
    ['below a file', (file) => writeFileSync(join(file, '..', 'x'), ''), 'E_LOCK_FILE: /../x/pkgcache.lock'],
  ])('that is %s is refused', async (what, make, message) => {
    const file = join(folder(), 'pkgcache.lock')
    make(file)
    if (what === 'below a file') {
      const below = join(file, '..', 'x', 'pkgcache.lock')
      expect(await said(below)).toBe(
        `E_LOCK_FILE: : it cannot be read: ENOTDIR: not a directory, stat '${below}'`,
      )
    } else {
      expect(await said(file)).toBe(message)
    }
  })
})
