import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startHttpProxy } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ran, REPOSITORY, runProgram } from './kit.ts'
import {
  formsOf,
  SECRETS,
  type SecretProject,
  secretProject,
  startUpstream,
  type Upstream,
} from './redaction-world.ts'

const BIN = join(REPOSITORY, 'node_modules/.bin/pkgcache')

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

function run(
  project: SecretProject,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  return runProgram(BIN, args, { cwd: project.dir, env: { ...project.env, ...env } })
}

/** Which secrets stand in a text, and in what form. */
function leaksIn(where: string, text: string): string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) =>
    formsOf(secret)
      .filter((form) => text.includes(form))
      .map((form) => `${where}: ${name} as ${form}`),
  )
}

function leaksOf(name: string, { stdout, stderr }: Ran): string[] {
  return [...leaksIn(`stdout of ${name}`, stdout), ...leaksIn(`stderr of ${name}`, stderr)]
}

async function leaksBelow(folder: string): Promise<{ files: string[]; leaks: string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map(async (file) => leaksIn(file, await readFile(file, 'utf8'))))
  return { files: files.map((file) => file.slice(folder.length + 1)), leaks: texts.flat() }
}

/** What becomes of each package: that the failures are those that were meant. */
const OUTCOMES = {
  unauthorised: 'E_FORBIDDEN',
  missing: 'E_NOT_FOUND',
  broken: 'E_HTTP',
  away: 'E_NOT_FOUND',
  circle: 'E_REDIRECT',
  encoded: 'E_HTTP',
  cut: 'E_TRUNCATED',
  fine: 'published',
  'wrong-pin': 'E_DIGEST',
  'html-sums': 'E_CHECKSUM_FILE',
  'odd-sums': 'E_CHECKSUM_FILE',
  closed: 'E_UNREACHABLE',
  'no-url': 'E_CONFIG',
  'in-path': 'published',
  'acme-missing': 'E_NOT_FOUND',
  'acme-sums': 'E_CHECKSUM_FILE',
  'acme-lines': 'E_CHECKSUM_FILE',
  'acme-throws': 'E_HTTP',
  'acme-crashes': 'E_PLUGIN',
  'acme-fine': 'published',
}
/** Pages where files were asked for: refused, whichever check comes first. */
const REFUSED = ['login', 'text', 'by-netrc', 'by-mirror', 'acme-login']

describe('secrets from everywhere', () => {
  let project: SecretProject
  let ran: Ran
  beforeAll(async () => {
    project = await secretProject(upstream)
    ran = await run(project, ['run', '--json', '--verbose'])
  }, 120_000)
  afterAll(() => project.remove())

  it('were sent where they belong', () => {
    const sent = upstream.seen.join('\n')
    const basic = (pair: string): string => Buffer.from(pair).toString('base64')
    for (const form of [
      basic(`me:${SECRETS.userinfo}`),
      encodeURIComponent(SECRETS.query),
      SECRETS.signature,
      `Bearer ${SECRETS.option}`,
      SECRETS.header,
      SECRETS.path,
      basic(`me:${SECRETS.netrc}`),
      basic(`key:${SECRETS.mirror}`),
    ])
      expect(sent).toContain(form)
  })

  it('fail as meant', () => {
    expect([ran.code, ran.stderr.includes('***')]).toEqual([3, true])
    const { items } = JSON.parse(ran.stdout) as {
      items: { name: string; state: string; error?: { code: string } }[]
    }
    const outcomes = Object.fromEntries(items.map(({ name, state, error }) => [name, error?.code ?? state]))
    expect(outcomes).toMatchObject(OUTCOMES)
    expect(REFUSED.filter((name) => !outcomes[name]?.startsWith('E_'))).toEqual([])
    expect(Object.keys(outcomes)).toHaveLength(Object.keys(OUTCOMES).length + REFUSED.length)
  })

  it('show in no byte of the output', () => expect(leaksOf('run --json --verbose', ran)).toEqual([]))

  it('show in no file of the store: reports, records, index, last result', async () => {
    const { files, leaks } = await leaksBelow(project.store)
    expect(leaks).toEqual([])
    const reports = ['leaky.txt', 'report.html', 'report.json', 'report.txt'].map((name) => `reports/${name}`)
    expect(files).toEqual(expect.arrayContaining([...reports, 'index.yaml', '.pkgcache/last-result.json']))
    expect(files.filter((file) => file.startsWith('.pkgcache/records/'))).toHaveLength(3)
    expect(await readFile(join(project.store, 'reports/leaky.txt'), 'utf8')).toContain('***')
  })

  it.each([
    ['list', '--json'],
    ['plan'],
    ['plan', '--json', '--verbose'],
    ['report', '--format', 'text'],
    ['report', '--format', 'json'],
    ['report', '--format', 'html'],
    ['report', '--format', 'leaky'],
    ['verify', '--json'],
    ['stats', '--json'],
    ['ensure', 'acme-throws@1.0.0', '--verbose'],
    ['ensure', 'fine@1.0.0', '--json'],
    ['plugins', '--json'],
    ['run', '--node', SECRETS.option],
  ])(
    'show in no byte of the output of %s %s %s',
    async (...args) => {
      const told = await run(project, args)
      expect(leaksOf(args.join(' '), told)).toEqual([])
      expect(told.stdout + told.stderr).not.toBe('')
    },
    60_000,
  )
})

describe('secrets, however it is told,', () => {
  it.each([
    ['in text', [], {}],
    ['in text, verbose', ['--verbose'], {}],
    ['quietly', ['--quiet'], {}],
    ['in colour', [], { FORCE_COLOR: '1' }],
    [
      'as annotations with a summary',
      ['--verbose'],
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' },
    ],
  ] as const)(
    'show nowhere: %s',
    async (name, options, env) => {
      const project = await secretProject(upstream)
      const told = await run(project, ['run', ...options], env)
      expect(told.code).toBe(3)
      expect(leaksOf(name, told)).toEqual([])
      expect((await leaksBelow(project.store)).leaks).toEqual([])
      const summary = join(project.dir, 'summary.md')
      expect(existsSync(summary)).toBe('GITHUB_STEP_SUMMARY' in env)
      if (existsSync(summary)) expect(leaksIn('summary', await readFile(summary, 'utf8'))).toEqual([])
      await project.remove()
    },
    120_000,
  )
})

describe('a password for the proxy', () => {
  it.each([
    ['is right', { user: 'me', password: SECRETS.proxy }, 'published'],
    ['is wrong', { user: 'me', password: 'another' }, 'E_FORBIDDEN'],
    ['goes to nobody', undefined, 'E_UNREACHABLE'],
  ])(
    'that %s shows nowhere',
    async (_, credentials, outcome) => {
      const proxy = await startHttpProxy(credentials && { credentials })
      if (credentials === undefined) await proxy.close()
      const project = await secretProject(upstream)
      const http_proxy = proxy.url.replace('//', `//me:${encodeURIComponent(SECRETS.proxy)}@`)
      const env = { http_proxy, HTTPS_PROXY: http_proxy.replace('http://', ''), no_proxy: '', NO_PROXY: '' }
      const told = await run(project, ['ensure', 'fine@1.0.0', '--json', '--verbose'], env)
      const [item] = (JSON.parse(told.stdout) as { items: { state: string; error?: { code: string } }[] })
        .items
      expect(item?.error?.code ?? item?.state).toBe(outcome)
      expect(leaksOf('ensure', told)).toEqual([])
      expect((await leaksBelow(project.store)).leaks).toEqual([])
      await project.remove()
      if (credentials !== undefined) {
        const pair = Buffer.from(`me:${SECRETS.proxy}`).toString('base64')
        expect(proxy.requests[0]?.authorization).toBe(`Basic ${pair}`)
        await proxy.close()
      }
    },
    60_000,
  )
})

it('finds each secret in each form', () => {
  const planted = Object.values(SECRETS).flatMap((secret) => formsOf(secret).map((form) => `x${form}y`))
  expect(planted.map((text) => leaksIn('test', text).length > 0)).toEqual(planted.map(() => true))
})
