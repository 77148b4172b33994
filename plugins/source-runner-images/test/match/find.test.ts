import { describe, expect, it } from 'vitest'
import { ReportIndex } from '../../src/match/find.ts'
import type { ReportEntry, SoftwareReport } from '../../src/report/types.ts'
import type { Listing } from '../../src/toolset/section.ts'

function entry(text: string, more: Partial<ReportEntry> = {}): ReportEntry {
  const [name = '', raw = ''] = text.split('|')
  return {
    class: 'tool',
    name,
    version: raw || null,
    raw,
    section: ['Installed Software', 'Tools'],
    path: '$',
    ...more,
  }
}

const CACHED = { class: 'cached-tool', section: ['Installed Software', 'Cached Tools'] } as const

function indexOf(entries: readonly ReportEntry[]): ReportIndex {
  const image = { name: 'Windows Server 2025', version: '1', platform: 'win32', arch: 'x64' } as const
  const root = { kind: 'header', title: image.name, children: [], path: '$' } as const
  return new ReportIndex({ file: 'r.json', image, root, entries, faults: [] } satisfies SoftwareReport)
}

const ENTRIES = [
  entry('R|4.4.2'),
  entry('Go|1.24.5', { section: ['Installed Software', 'Language and Runtime'] }),
  entry('MongoDB|7.0.21.0'),
  entry('Go|1.22.12', CACHED),
  entry('Go|1.23.11', CACHED),
  entry('Go|1.24.5', CACHED),
  entry('Python|3.1.5', CACHED),
  entry('Python|3.12.10', CACHED),
  entry('Ruby|3.3.8', CACHED),
  entry('Ruby|3.3.9', CACHED),
  entry('PyPy|3.9.19 [PyPy 7.3.16]', { ...CACHED, version: '3.9.19' }),
  entry('Docker  Compose V2:|2.32.2'),
  entry('Vcpkg|(build from commit 4887ad6d14)', { version: null }),
  entry('Git|2.50.1.windows.1'),
  entry('Pester|3.4.0', { class: 'ps-module' }),
  entry('Pester|5.7.1', { class: 'ps-module' }),
  entry('Java|17.0.15+6 (default)', { class: 'java', version: '17.0.15+6', arch: 'x64' }),
  entry('.NET Core SDK|8.0.118', { class: 'list' }),
  entry('.NET Core SDK|8.0.412', { class: 'list' }),
  entry('.NET Core SDK|9.0.302', { class: 'list' }),
  entry('.NET Core SDK|9.0.303', { class: 'list' }),
  entry('CodeQL Action Bundles|2.12.5 2.12.6', { version: '2.12.5', versions: ['2.12.5', '2.12.6'] }),
  entry('alpine:3.16|sha256:a', { class: 'docker-image', version: null, digest: 'sha256:a' }),
]

const cached = (name: string): Listing => ({
  classes: ['cached-tool'],
  names: [name],
  under: 'Cached Tools',
  rule: 'fits',
})

interface Case {
  readonly says: string
  readonly listing: Listing
  readonly requested: string
  /** `kind`, then the texts of the entries. */
  readonly found: readonly string[]
}

const CASES: readonly Case[] = [
  { says: 'the one that fits', listing: cached('Go'), requested: '1.23.*', found: ['one', 'Go 1.23.11'] },
  { says: 'names in any case', listing: cached('go'), requested: '1.22.*', found: ['one', 'Go 1.22.12'] },
  {
    says: 'no part of a number',
    listing: cached('Python'),
    requested: '3.1',
    found: ['one', 'Python 3.1.5'],
  },
  {
    says: 'a version that is not there',
    listing: cached('Go'),
    requested: '1.25.*',
    found: ['mismatch', 'Go 1.22.12', 'Go 1.23.11', 'Go 1.24.5'],
  },
  {
    says: 'two that fit',
    listing: cached('Ruby'),
    requested: '3.3',
    found: ['ambiguous', 'Ruby 3.3.8', 'Ruby 3.3.9'],
  },
  {
    says: 'no part of a name',
    listing: { classes: ['tool'], names: ['Mongo'], rule: 'fits' },
    requested: '7.0',
    found: ['none'],
  },
  {
    says: 'no letter of a name',
    listing: { classes: ['tool'], names: ['G'], rule: 'fits' },
    requested: '*',
    found: ['none'],
  },
  {
    says: 'R, and nothing with an r in it',
    listing: { classes: ['tool'], names: ['R'], rule: 'newest' },
    requested: '*',
    found: ['one', 'R 4.4.2'],
  },
  { says: 'no other class', listing: { ...cached('R') }, requested: '*', found: ['none'] },
  {
    says: 'no other place',
    listing: { ...cached('Go'), under: 'Databases' },
    requested: '*',
    found: ['none'],
  },
  {
    says: 'a place of the same class name',
    listing: { classes: ['tool'], names: ['Go'], under: 'language and runtime', rule: 'fits' },
    requested: '1.24.*',
    found: ['one', 'Go 1.24.5'],
  },
  {
    says: 'spaces and colons aside',
    listing: { classes: ['tool'], names: ['Docker Compose v2'], rule: 'exact' },
    requested: '2.32.2',
    found: ['one', 'Docker  Compose V2: 2.32.2'],
  },
  {
    says: 'exactly, not by its beginning',
    listing: { classes: ['tool'], names: ['Docker Compose v2'], rule: 'exact' },
    requested: '2.32',
    found: ['mismatch', 'Docker  Compose V2: 2.32.2'],
  },
  {
    says: 'something without a version, when any will do',
    listing: { classes: ['tool'], names: ['vcpkg'], rule: 'fits' },
    requested: '*',
    found: ['one', 'Vcpkg (build from commit 4887ad6d14)'],
  },
  {
    says: 'nothing without a version, when one is asked for',
    listing: { classes: ['tool'], names: ['vcpkg'], rule: 'fits' },
    requested: '1',
    found: ['mismatch', 'Vcpkg (build from commit 4887ad6d14)'],
  },
  {
    says: 'the newest',
    listing: { classes: ['ps-module'], names: ['pester'], rule: 'newest' },
    requested: '*',
    found: ['one', 'Pester 5.7.1'],
  },
  {
    says: 'at least',
    listing: { classes: ['ps-module'], names: ['Pester'], rule: 'minimum', spec: '3.5' },
    requested: 'x',
    found: ['one', 'Pester 5.7.1'],
  },
  {
    says: 'less than that',
    listing: { classes: ['ps-module'], names: ['Pester'], rule: 'minimum', spec: '6' },
    requested: 'x',
    found: ['mismatch', 'Pester 3.4.0', 'Pester 5.7.1'],
  },
  {
    says: 'a major',
    listing: { classes: ['java'], names: ['Java'], arch: 'x64', rule: 'fits' },
    requested: '17',
    found: ['one', 'Java 17.0.15+6 (default)'],
  },
  {
    says: 'another machine',
    listing: { classes: ['java'], names: ['Java'], arch: 'arm64', rule: 'fits' },
    requested: '17',
    found: ['none'],
  },
  {
    says: 'the project’s own version',
    listing: {
      classes: ['tool'],
      names: ['Git'],
      rule: 'exact',
      version: (text) => text.replace('.windows.1', ''),
    },
    requested: '2.50.1',
    found: ['one', 'Git 2.50.1.windows.1'],
  },
  {
    says: 'an image by its whole name',
    listing: { classes: ['docker-image'], names: ['alpine:3.16'], rule: 'fits', spec: '*' },
    requested: 'alpine:3.16',
    found: ['one', 'alpine:3.16 sha256:a'],
  },
  {
    says: 'the newest of each group',
    listing: {
      classes: ['list'],
      names: ['.NET SDK', '.NET Core SDK'],
      rule: 'all',
      group: (version) => version.slice(0, 5),
    },
    requested: '9.0',
    found: ['several', '.NET Core SDK 9.0.303'],
  },
  {
    says: 'the newest of several in one text',
    listing: { classes: ['tool'], names: ['CodeQL Action Bundles'], rule: 'newest' },
    requested: '*',
    found: ['one', 'CodeQL Action Bundles 2.12.5 2.12.6'],
  },
  {
    says: 'none of several in one text, when either will do',
    listing: { classes: ['tool'], names: ['CodeQL Action Bundles'], rule: 'fits' },
    requested: '2.12.*',
    found: ['ambiguous', 'CodeQL Action Bundles 2.12.5 2.12.6', 'CodeQL Action Bundles 2.12.5 2.12.6'],
  },
  {
    says: 'every group',
    listing: {
      classes: ['list'],
      names: ['.NET Core SDK'],
      rule: 'all',
      group: (version) => version.slice(0, 5),
    },
    requested: '8.0',
    found: ['several', '.NET Core SDK 8.0.118', '.NET Core SDK 8.0.412'],
  },
]

describe('what a report has for a row', () => {
  it.each(CASES)('$says: $requested', ({ listing, requested, found }) => {
    const answer = indexOf(ENTRIES).find(listing, requested)
    const shown = (of: readonly { entry: ReportEntry }[]) =>
      of.map(({ entry }) => `${entry.name} ${entry.raw}`)
    const listed =
      answer.kind === 'one'
        ? shown([answer.listed])
        : answer.kind === 'several'
          ? shown([...answer.groups.values()])
          : answer.kind === 'none'
            ? []
            : shown(answer.entries)
    expect([answer.kind, ...listed]).toEqual(found)
  })

  it('takes two entries of one version for one', () => {
    const twice = [entry('Node|22.17.1'), entry('Node|22.17.1')]
    const listing: Listing = { classes: ['tool'], names: ['Node'], rule: 'fits' }
    expect(indexOf(twice).find(listing, '22.*')).toMatchObject({
      kind: 'one',
      listed: { version: '22.17.1' },
    })
  })
})
