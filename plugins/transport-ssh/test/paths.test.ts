import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isPartOf, partOf, quote, targetOf } from '../src/paths.ts'

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
  const owner = { run: 'c0ffee00', process: 77 }
  const [mine, other] = ['0123456789abcdef01', 'fedcba9876543210fe']
  const part = partOf('/r/runc/a.zst', mine, owner)
  expect(part).toMatch(/^\/r\/runc\/\.a\.zst\.0123456789abcdef\.c0ffee00\.77\.[0-9a-f]{8}\.part$/)
  expect(partOf('/r/a', mine, owner)).not.toBe(partOf('/r/a', mine, owner))
  const name = part.slice('/r/runc/'.length)
  expect([isPartOf(name, '/r/runc/a.zst', mine), isPartOf(name, '/r/runc/a.zst', other)]).toEqual([
    true,
    false,
  ])
  expect(isPartOf(name, '/r/runc/b.zst', mine)).toBe(false)
})

it.each(['plain', 'two words', "it's", '$(id)`id`', '"; rm -rf x', '*', ''])(
  'quotes %j for the shell',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text)
  },
)
