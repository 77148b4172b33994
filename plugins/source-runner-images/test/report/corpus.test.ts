import { leftOut } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { readDocument } from '../../src/documents.ts'
import { diffReports, readReport, renderReport, type SoftwareReport } from '../../src/report/index.ts'
import { corpusMissing, corpusPath, corpusText } from '../corpus.ts'
import { brief, faults } from './kit.ts'

async function read(file: string): Promise<SoftwareReport> {
  return readReport(await readDocument(file, 'E_SOFTWARE_REPORT', corpusPath('reports')))
}

function counts({ entries }: SoftwareReport): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { class: kind } of entries) found[kind] = (found[kind] ?? 0) + 1
  return found
}

/** The published page without its announcements, and without the line break at its end. */
function page(file: string): string {
  const text = corpusText(`readmes/${file}`)
  return text.slice(text.indexOf('***\n') + '***\n'.length).trimEnd()
}

describe.skipIf(leftOut('software reports of the corpus', corpusMissing))('official reports', () => {
  const IMAGES = [
    {
      name: 'windows-2025_20250720.1.0',
      image: { name: 'Windows Server 2025', version: '20250720.1.0', platform: 'win32', arch: 'x64' },
      tools: 412,
      counts: {
        tool: 90,
        'cached-tool': 16,
        list: 23,
        'ps-module': 13,
        java: 4,
        'table-tool': 13,
        'vs-component': 228,
        android: 25,
        'image-info': 2,
        feature: 2,
        env: 12,
        shell: 3,
        property: 7,
        note: 1,
      },
    },
    {
      name: 'ubuntu-24.04_20250929.60.1',
      image: { name: 'Ubuntu 24.04', version: '20250929.60.1', platform: 'linux', arch: 'x64' },
      tools: 245,
      counts: {
        tool: 94,
        'cached-tool': 17,
        list: 23,
        'ps-module': 4,
        java: 5,
        'table-tool': 2,
        android: 28,
        apt: 72,
        'image-info': 4,
        env: 12,
        note: 4,
      },
    },
  ]

  it.each(IMAGES)('$name is read whole', async ({ name, ...expected }) => {
    const report = await read(`${name}.json`)
    const found = counts(report)
    const others = new Set(['image-info', 'feature', 'env', 'shell', 'property', 'note'])
    const tools = report.entries.filter((entry) => !others.has(entry.class)).length
    expect({ image: report.image, tools, counts: found }).toEqual(expected)
    expect(faults(report)).toEqual([])
  })

  it.each(IMAGES)('$name renders to its published page', async ({ name }) => {
    expect(renderReport(await read(`${name}.json`))).toBe(page(`${name}.md`))
  })

  it('has no difference to itself', async () => {
    const report = await read(`${IMAGES[0]?.name}.json`)
    const { entries, nodes } = diffReports(report, report)
    expect([...Object.values(entries), ...Object.values(nodes)].flat()).toEqual([])
  })

  it('tells tools that only seem to be the same apart', async () => {
    const { entries } = await read(`${IMAGES[0]?.name}.json`)
    expect(
      entries.filter(({ name }) => name === 'CMake').map((entry) => [entry.class, entry.version]),
    ).toEqual([
      ['tool', '3.31.6'],
      ['android', '3.22.1'],
      ['android', '3.30.5'],
      ['android', '3.31.5'],
    ])
    expect(entries.filter(({ raw }) => raw === 'root').map((entry) => [entry.class, entry.name])).toEqual([
      ['property', 'Password'],
    ])
  })
})

describe.skipIf(leftOut('other reports of the corpus', corpusMissing))('other reports', () => {
  it('the draft of 2022 is read, but for a table that nobody knows', async () => {
    const report = await read('legacy/ubuntu-22.04_draft3.json')
    expect(brief(report)).toEqual([
      'image-info OS Version 11.7',
      'image-info Image Version 20220918.1',
      'tool Bash 5.1.16',
      'tool Node.js 16.18.0',
      'tool Perl 5.34.0',
      'tool Swift 5.7',
      ...['2.7', '2.8.1', '3.1.2'].map((version) => `cached-tool Ruby ${version}`),
      ...['1.17.13', '1.18.7', '1.19.2'].map((version) => `cached-tool Go ${version}`),
      ...['7.0.0', '8.0.346+1', '11.0.16+1', '17.0.6+1', '19.0.2'].map(
        (version) => `java Java ${version} x64`,
      ),
      'tool MySQL 8.0.31-0ubuntu0.20.04.1',
      'tool MySQL Server 8.0.26',
      'note MySQL –',
    ])
    expect(faults(report)).toEqual([
      'E_SOFTWARE_REPORT legacy/ubuntu-22.04_draft3.json $.Children[2].Children[0].Children[4].Children: there is no table with the columns "A|B"',
    ])
  })

  it.each([
    ['hand-edited', 'is no JSON: line 594, column 13: },'],
    ['truncated', 'is no JSON: it ends in the middle, at line 592, column 1'],
  ])('the %s one is told of by line and column', async (kind, message) => {
    const place = `invalid/windows-2025_${kind}.json`
    await expect(read(place)).rejects.toMatchObject({ code: 'E_SOFTWARE_REPORT', item: place, message })
  })
})
