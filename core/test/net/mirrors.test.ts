import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import { mirrorCandidates } from '../../src/net/mirrors.ts'
import { backoffMs, TRIES, withRetries } from '../../src/net/retry.ts'

type Mirrors = Readonly<Record<string, readonly string[]>>

/** Candidates as text, the origin marked. */
function asked(url: string, mirrors: Mirrors, mirrorsOnly = false): string[] {
  return mirrorCandidates(url, { mirrors, mirrorsOnly }).map(
    (candidate) => candidate.url + (candidate.origin ? ' (origin)' : ''),
  )
}

describe('what is asked for a URL', () => {
  const url = 'https://dl.k8s.io/release/v1/kubectl'

  it.each<readonly [string, Mirrors, boolean, readonly string[]]>([
    ['itself without mirrors', {}, false, [`${url} (origin)`]],
    ['itself where no prefix matches', { 'https://github.com/': ['https://m/'] }, false, [`${url} (origin)`]],
    [
      'itself where no prefix matches, though only mirrors are wanted',
      { 'https://github.com/': ['https://m/'] },
      true,
      [`${url} (origin)`],
    ],
    [
      'a mirror, then itself',
      { 'https://dl.k8s.io/': ['https://m/k8s/'] },
      false,
      ['https://m/k8s/release/v1/kubectl', `${url} (origin)`],
    ],
    [
      'mirrors in order',
      { 'https://dl.k8s.io/': ['https://b/', 'https://a/'] },
      false,
      ['https://b/release/v1/kubectl', 'https://a/release/v1/kubectl', `${url} (origin)`],
    ],
    [
      'only mirrors',
      { 'https://dl.k8s.io/': ['https://b/', 'https://a/'] },
      true,
      ['https://b/release/v1/kubectl', 'https://a/release/v1/kubectl'],
    ],
    [
      'the scheme’s mirror',
      { 'https://': ['http://127.0.0.1:8080/'] },
      true,
      ['http://127.0.0.1:8080/dl.k8s.io/release/v1/kubectl'],
    ],
    [
      'the mirrors of the longest prefix, in whatever order they are given',
      {
        'https://dl.k8s.io/': ['https://long/'],
        'https://': ['http://short/'],
        'https://dl': ['http://middle/'],
      },
      true,
      ['https://long/release/v1/kubectl'],
    ],
    [
      'itself by an identity mirror',
      { 'https://': ['http://m/'], 'https://dl.k8s.io/': ['https://dl.k8s.io/'] },
      true,
      [`${url} (origin)`],
    ],
    [
      'itself first, by an identity mirror',
      { 'https://dl.k8s.io/': ['https://dl.k8s.io/', 'https://m/'] },
      false,
      [`${url} (origin)`, 'https://m/release/v1/kubectl'],
    ],
  ])('%s', (_, mirrors, only, expected) => {
    expect(asked(url, mirrors, only)).toEqual(expected)
  })
})

describe('the pause before another try', () => {
  it.each([
    [1, undefined, 0, 200],
    [1, undefined, 0.999, 599.6],
    [2, undefined, 0, 400],
    [2, undefined, 0.5, 800],
    [20, undefined, 0.5, 60_000],
    [1, 0, 0.5, 0],
    [1, 1500, 0.5, 1500],
    [2, 3_600_000, 0.5, 60_000],
  ])('%i, asked for %s ms, with chance %d, is %d ms', (attempt, after, chance, expected) => {
    expect(backoffMs(attempt, after, () => chance)).toBeCloseTo(expected, 6)
  })
})

describe('tries', () => {
  const passing = new PkgcacheError('E_HTTP', 'busy', { retryable: true, retryAfterMs: 0 })
  const lasting = new PkgcacheError('E_NOT_FOUND', 'none')

  async function tries(faults: readonly Error[], signal = new AbortController().signal) {
    let count = 0
    const told: string[] = []
    const work = async () => {
      const fault = faults[count++]
      if (fault) throw fault
      return 'done'
    }
    const end = await withRetries(signal, work, (error) => void told.push(error.message)).catch(
      (error: Error) => error.message,
    )
    return { count, told, end }
  }

  it.each<readonly [string, readonly Error[], object]>([
    ['one when it works', [], { count: 1, told: [], end: 'done' }],
    ['two after a fault that passes', [passing], { count: 2, told: ['busy'], end: 'done' }],
    [
      'three at most',
      [passing, passing, passing, passing],
      { count: TRIES, told: ['busy', 'busy'], end: 'busy' },
    ],
    ['one after a fault that does not pass', [lasting], { count: 1, told: [], end: 'none' }],
    ['no more once a fault does not pass', [passing, lasting], { count: 2, told: ['busy'], end: 'none' }],
    ['one after a fault of another kind', [new TypeError('bug')], { count: 1, told: [], end: 'bug' }],
  ])('%s', async (_, faults, expected) => {
    expect(await tries(faults)).toEqual(expected)
  })

  it('end when cancelled', async () => {
    expect(await tries([passing, passing], AbortSignal.abort())).toEqual({ count: 1, told: [], end: 'busy' })
  })
})
