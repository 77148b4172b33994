import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { LockOptions, LockResult } from '../../src/cache.types.ts'
import type { PackageConfig } from '../../src/config/types.ts'
import type { Resolution } from '../../src/model/resolved.ts'
import { smallTar } from '../../testing/archives.ts'
import { faultLine } from '../support/fault.ts'
import { parsed } from '../support/lock.ts'
import { open, published, SHA256, source, TAR, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const OTHER = '0'.repeat(64)
const sha512 = createHash('sha512').update(TAR).digest('hex')
const sums = (value: string): Partial<Resolution> => ({ digests: [{ ...published, value }] })

/** A project folder, its upstream, and what its source says of each package. */
async function project() {
  const [dir, server, asked] = [folder(), await upstream(), [] as string[]]
  const file = join(dir, 'pkgcache.lock')
  const lock = async (
    packages: readonly (string | PackageConfig)[],
    says: Partial<Resolution> = {},
    options: LockOptions = {},
  ) => {
    asked.length = 0
    const before = server.requests.length
    const cache = await open(join(dir, 'store'), [source(server, () => says, asked)], { packages }, { dir })
    const result = await cache.lock(options)
    const requests = server.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    return { result, requests, asked: [...asked], told: tell(result) }
  }
  return { dir, file, server, lock, locked: () => parsed(readFileSync(file, 'utf8')) }
}

function tell({ changes }: LockResult): string[] {
  return changes.map(({ key, change, from, entry, error }) =>
    [
      `${key.name}@${key.version} ${change}`,
      ...(from === undefined ? [] : [`from ${from}`]),
      ...(entry === undefined ? [] : [entry.sha256.slice(0, 4)]),
      ...(error === undefined ? [] : [error.code]),
    ].join(' '),
  )
}

const KNOWN = SHA256.slice(0, 4)

describe('lock', () => {
  it('asks for no bytes where a checksum file knows them: a HEAD for the size', async () => {
    const { lock, locked, file, server } = await project()
    const { told, requests, result } = await lock(['tool@1.0'], sums(SHA256))
    expect([told, requests, result.exitCode, result.written]).toEqual([
      [`tool@1.0 added ${KNOWN}`],
      ['HEAD /tool.tar'],
      0,
      true,
    ])
    expect(statSync(file).mode & 0o777).toBe(0o644)
    expect(locked()).toEqual([
      {
        name: 'tool',
        platform: 'linux',
        arch: 'amd64',
        request: '1.0',
        request_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        version: '1.0',
        source: 'source-test',
        urls: [`${server.url}/tool.tar`],
        size: TAR.length,
        sha256: SHA256,
        minimum_trust: 'tofu',
        evidence: [{ how: 'checksum-file', from: 'https://x/SUMS' }],
      },
    ])
  })

  it.each<readonly [string, Partial<Resolution>, readonly string[]]>([
    ['a source that knows the size', { ...sums(SHA256), size: TAR.length }, []],
    ['no digest at all', {}, ['GET /tool.tar']],
    [
      'a SHA-512 only',
      { digests: [{ ...published, algorithm: 'sha512', value: sha512 }] },
      ['GET /tool.tar'],
    ],
    [
      'an upstream that knows no HEAD',
      { ...sums(SHA256), urls: [] as never },
      ['HEAD /headless', 'GET /headless'],
    ],
  ])('with %s asks for this much', async (what, says, requests) => {
    const { lock, locked, server } = await project()
    server.route('/headless', { content: TAR, script: [{ status: 405 }] })
    const headless = what.endsWith('HEAD') ? { urls: [`${server.url}/headless`] as const } : {}
    const answer = await lock(['tool@1.0'], { ...says, ...headless })
    expect([answer.told, answer.requests]).toEqual([[`tool@1.0 added ${KNOWN}`], requests])
    expect(locked()[0]?.size).toBe(TAR.length)
    expect(locked()[0]?.sha512).toBe(what === 'a SHA-512 only' ? sha512 : undefined)
  })

  it('takes what is cached of an equal request', async () => {
    const { lock, dir, server } = await project()
    await (await open(join(dir, 'store'), [source(server)])).run()
    const { told, requests } = await lock(['tool@1.0'])
    expect([told, requests]).toEqual([[`tool@1.0 added ${KNOWN}`], []])
  })

  it('writes the same bytes from a full cache as from an empty one, and nothing when nothing changed', async () => {
    const { lock, file } = await project()
    await lock(['tool@1.0'])
    const first = readFileSync(file)
    rmSync(file)
    expect((await lock(['tool@1.0'])).requests).toEqual([])
    expect(readFileSync(file)).toEqual(first)
    const { mtimeNs } = statSync(file, { bigint: true })
    const again = await lock(['tool@1.0'], {}, { update: true })
    expect([again.told, again.asked, again.result.written]).toEqual([
      [`tool@1.0 kept from 1.0 ${KNOWN}`],
      ['tool@1.0'],
      false,
    ])
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs)
  })
})

const pinnedTool = { name: 'tool', version: '1.0', sha256: SHA256 }

/** What is locked first, then what is asked and said: which package changes how, and who is asked. */
const RULES: readonly (readonly [
  what: string,
  first: readonly [readonly (string | PackageConfig)[], Partial<Resolution>],
  then: readonly [readonly (string | PackageConfig)[], Partial<Resolution>, LockOptions['update']?],
  told: readonly string[],
  asked: readonly string[],
  exitCode: number,
])[] = [
  [
    'an equal request',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.0'], sums(OTHER)],
    [`tool@1.0 kept ${KNOWN}`],
    [],
    0,
  ],
  [
    'an equal request, spelled with a v',
    [['tool@1.0'], sums(SHA256)],
    [['tool@v1.0'], sums(OTHER)],
    [`tool@1.0 kept ${KNOWN}`],
    [],
    0,
  ],
  [
    'one more package',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.0', 'toolbox@2.0'], sums(SHA256)],
    [`tool@1.0 kept ${KNOWN}`, `toolbox@2.0 added ${KNOWN}`],
    ['toolbox@2.0'],
    0,
  ],
  [
    'another version',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.1'], sums(OTHER)],
    ['tool@1.1 updated from 1.0 0000'],
    ['tool@1.1'],
    0,
  ],
  [
    'two versions, one of them new',
    [['tool@1.0', 'tool@2.0'], sums(SHA256)],
    [['tool@2.0', 'tool@3.0'], sums(SHA256)],
    [`tool@2.0 kept ${KNOWN}`, `tool@3.0 updated from 1.0 ${KNOWN}`],
    ['tool@3.0'],
    0,
  ],
  [
    'a package that is gone',
    [['tool@1.0', 'toolbox@2.0'], sums(SHA256)],
    [['toolbox@2.0'], {}],
    ['tool@1.0 removed from 1.0', `toolbox@2.0 kept ${KNOWN}`],
    [],
    0,
  ],
  [
    'a pin that says the same',
    [['tool@1.0'], sums(SHA256)],
    [[pinnedTool], sums(SHA256)],
    [`tool@1.0 updated from 1.0 ${KNOWN}`],
    ['tool@1.0'],
    0,
  ],
  [
    'other bytes under the same URL, with --update',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.0'], sums(OTHER), true],
    [`tool@1.0 failed from 1.0 ${KNOWN} E_DIGEST`],
    ['tool@1.0'],
    3,
  ],
  [
    'other bytes under the same URL, in a new request',
    [['tool@1.0'], sums(SHA256)],
    [[{ name: 'tool', version: '1.0', sha256: OTHER }], {}],
    [`tool@1.0 failed from 1.0 ${KNOWN} E_DIGEST`],
    ['tool@1.0'],
    3,
  ],
  [
    'other bytes than locked on first use, with --update',
    [['tool@1.0'], {}],
    [['tool@1.0'], sums(OTHER), true],
    [`tool@1.0 failed from 1.0 ${KNOWN} E_DIGEST`],
    ['tool@1.0'],
    3,
  ],
  [
    'other bytes from elsewhere, with --update',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.0'], { ...sums(OTHER), urls: ['https://new.example/tool.tar'], size: 1 }, true],
    ['tool@1.0 updated from 1.0 0000'],
    ['tool@1.0'],
    0,
  ],
  [
    'what a floating version is now, without --update',
    [['tool@latest'], { ...sums(SHA256), version: '1.0' }],
    [['tool@latest'], { ...sums(OTHER), version: '1.1' }],
    [`tool@1.0 kept ${KNOWN}`],
    [],
    0,
  ],
  [
    'what a floating version is now, with --update',
    [['tool@latest'], { ...sums(SHA256), version: '1.0' }],
    [['tool@latest'], { ...sums(OTHER), version: '1.1' }, true],
    ['tool@1.1 updated from 1.0 0000'],
    ['tool@latest'],
    0,
  ],
  [
    'one name with --update',
    [['tool@1.0', 'toolbox@2.0'], sums(SHA256)],
    [['tool@1.0', 'toolbox@2.0'], sums(SHA256), ['toolbox']],
    [`tool@1.0 kept ${KNOWN}`, `toolbox@2.0 kept from 2.0 ${KNOWN}`],
    ['toolbox@2.0'],
    0,
  ],
  [
    'digests that contradict each other',
    [[], {}],
    [[{ name: 'tool', version: '1.0', sha256: OTHER }], sums(SHA256)],
    ['tool@1.0 failed E_DIGEST'],
    ['tool@1.0'],
    3,
  ],
  [
    'an impossible name',
    [['tool@1.0'], sums(SHA256)],
    [['tool@1.0', { name: '../x', version: '1' }], sums(SHA256)],
    ['../x@1 failed E_NAME', `tool@1.0 kept ${KNOWN}`],
    [],
    1,
  ],
  [
    'what no lock file can hold',
    [[], {}],
    [['tool@1.0'], { ...sums(SHA256), format: 'x'.repeat(99), size: 1 }],
    ['tool@1.0 failed E_PLUGIN'],
    ['tool@1.0'],
    1,
  ],
]

describe('lock after lock', () => {
  it.each(RULES)('of %s', async (_, [packages, says], [after, now, update], told, asked, exitCode) => {
    const { lock, file, locked } = await project()
    await lock(packages, says)
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    const answer = await lock(after, now, update === undefined ? {} : { update })
    expect([answer.told, answer.asked, answer.result.exitCode]).toEqual([told, asked, exitCode])
    const changed = told.some((line) => / (added|updated|removed)/.test(line))
    expect(answer.result.written).toBe(changed)
    if (changed) expect(locked()).toEqual(answer.result.changes.flatMap(({ entry }) => entry ?? []))
    else expect(existsSync(file) ? readFileSync(file, 'utf8') : undefined).toBe(before)
  })

  it('names both digests, and how to mean it', async () => {
    const { lock } = await project()
    await lock(['tool@1.0'], sums(SHA256))
    const [change] = (await lock(['tool@1.0'], sums(OTHER), { update: ['tool'] })).result.changes
    expect([change?.error?.message, change?.error?.hint]).toEqual([
      `https://x/SUMS says sha256 ${OTHER}, but the lock file says ${SHA256}`,
      'upstream replaced a release, or somebody is in between; if it is meant, delete its entry from the lock file by hand and lock again',
    ])
  })

  it('of a package locked on first use fetches it again where it is not cached, and keeps to its bytes', async () => {
    const { lock, server, dir, file } = await project()
    await lock(['tool@1.0'])
    const before = readFileSync(file, 'utf8')
    server.route('/tool.tar', { content: gzipSync(smallTar()) })
    const cache = await open(join(dir, 'store'), [source(server)])
    await cache.prune({ olderThanMs: -1000 })
    const { told, requests } = await lock(['tool@1.0'], {}, { update: true })
    expect([told, requests]).toEqual([[`tool@1.0 failed from 1.0 ${KNOWN} E_DIGEST`], ['GET /tool.tar']])
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('locks the others when one fails', async () => {
    const { lock } = await project()
    const wrong = { name: 'gone', version: '1.0', sha256: OTHER }
    const { told, result } = await lock(['tool@1.0', wrong], sums(SHA256))
    expect([told, result.exitCode]).toEqual([['gone@1.0 failed E_DIGEST', `tool@1.0 added ${KNOWN}`], 3])
  })

  it('refuses names that nothing is declared by, and a lock file that cannot be read', async () => {
    const { lock, file } = await project()
    expect(await faultLine(() => lock(['tool@1.0'], {}, { update: ['tol'] }))).toBe(
      'E_USAGE: no package called "tol" is declared',
    )
    writeFileSync(file, 'version: 7\n')
    expect(await faultLine(() => lock(['tool@1.0']))).toBe(
      `E_LOCK_FILE: ${file}, line 1: its version is 7, this pkgcache reads 1`,
    )
  })
})
