import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { screen } from './screen.ts'

const cache = mkdtempSync(join(tmpdir(), 'pkgcache-live-'))
const fixture = fileURLToPath(new URL('./fixtures/live.mjs', import.meta.url))

/** What a terminal, util-linux's `script`, gets from a scripted run. */
function onTerminal(rows: number, args: string): string {
  const command = `stty rows ${rows} cols 100; node ${fixture} ${args}`
  const env = { ...process.env, LIVE_CACHE: cache }
  return execFileSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8' })
}

const BELOW = [
  'a warning in between',
  'error E_DIGEST tool0@1.0.0 linux/amd64: expected aa, got bb',
  '  hint: ask upstream',
  'the summary',
]

afterAll(() => rmSync(cache, { recursive: true, force: true }))

describe.skipIf(!existsSync('/usr/bin/script'))('the live list on a terminal', () => {
  it('ends with every line, then what was held back, then the errors', () => {
    const text = onTerminal(30, '3')
    expect(screen(text, 30)).toEqual([
      '✖ tool0@1.0.0 linux/amd64  E_DIGEST expected aa, got bb',
      '✔ tool1@1.0.0 linux/amd64  published 31.0 MB, pinned',
      '✔ tool2@1.0.0 linux/amd64  published 31.0 MB, pinned',
      '✔ node cp1                 nothing to send',
      ...BELOW,
    ])
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'))
  })

  it('never grows higher than the terminal: nothing of it scrolls off', () => {
    expect(screen(onTerminal(8, '40'), 8)).toEqual([
      '✔ 40 of 40 packages done, 1 failed',
      '✔ 0 of 1 nodes reached',
      ...BELOW,
    ])
  })

  it('marks what was cut short', () => {
    expect(screen(onTerminal(30, '2 cut'), 30)).toEqual([
      '✖ tool0@1.0.0 linux/amd64  E_DIGEST expected aa, got bb',
      '✔ tool1@1.0.0 linux/amd64  published 31.0 MB, pinned',
      '✖ node cp1                 stopped',
      ...BELOW,
    ])
  })
})
