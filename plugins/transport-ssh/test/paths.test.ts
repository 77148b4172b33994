import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { partOf, quote, targetOf } from '../src/paths.ts'

const node = (root: string) => ({ name: 'n', root, sudo: false })

describe('targetOf', () => {
  it.each([
    ['/usr/local/src', 'runc/a.tar.zst', '/usr/local/src/runc/a.tar.zst', ['/usr/local/src/runc']],
    ['/usr/local/src/', 'runc/a', '/usr/local/src/runc/a', ['/usr/local/src/runc']],
    ['/', 'a', '/a', []],
    ['/r', 'win32/x64/a.zip', '/r/win32/x64/a.zip', ['/r/win32', '/r/win32/x64']],
  ])('joins %s and %s', (root, remotePath, path, below) => {
    expect(targetOf(node(root), remotePath)).toMatchObject({ path, below, folder: below.at(-1) ?? root })
  })

  it.each(['relative', '', '~/x', '/a/../b', '/a\nb', '/a\\b'])('refuses the root %j', (root) => {
    expect(() => targetOf(node(root), 'a')).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  })

  it.each(['', '..', 'a/../b', '/a', 'a/', 'a//b', '.a', '-a', 'a b', 'a\nb', "a'b", 'a\u0000'])(
    'refuses the path %j',
    (path) => {
      expect(() => targetOf(node('/r'), path)).toThrow(expect.objectContaining({ code: 'E_NAME' }))
    },
  )
})

it('puts parts beside the target under a hidden name of their own', () => {
  expect(partOf('/r/runc/a.zst')).toMatch(/^\/r\/runc\/\.a\.zst\.[0-9a-f]{12}\.part$/)
  expect(partOf('/r/a')).not.toBe(partOf('/r/a'))
})

it.each(['plain', 'two words', "it's", '$(id)`id`', '"; rm -rf x', '*', ''])(
  'quotes %j for the shell',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text)
  },
)
