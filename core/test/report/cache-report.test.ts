import { describe, expect, it } from 'vitest'
import { summarise } from '../../src/report/summary.ts'
import { toolsetRun } from '../../testing/sample-toolset.ts'
import { failingRun, sampleResult } from '../../testing/samples.ts'

describe('the older form of a report', () => {
  it('speaks of the packages asked for where there is no toolset', () => {
    const { metadata, summary, cachedItems, missingItems, packages } = summarise(failingRun())
    expect(metadata).toEqual({
      generatedAt: '2025-11-21T22:30:42.500Z',
      cacheDirectory: '/root/.pkgcache/cache/packages',
    })
    expect(summary).toEqual({
      totalSources: 18,
      cachedSources: 16,
      missingSources: 2,
      coveragePercentage: 88.8,
      totalCacheSize: 291_578_000,
    })
    expect(cachedItems[0]).toEqual({
      name: 'cni-plugins',
      version: '1.7.1',
      platform: 'linux',
      arch: 'amd64',
      filePath: 'cni-plugins-1.7.1-amd64.tar.zst',
      fileSize: 37_400_000,
      sha256: packages[0]?.stored?.sha256,
      downloadedAt: '2025-11-21T22:30:05.000Z',
    })
    expect(missingItems[1]).toEqual({
      name: 'nerdctl',
      version: '2.1.2',
      platform: 'linux',
      arch: 'arm64',
      downloadUrl: '',
      reason: 'E_NOT_FOUND: http://mirror.example:8080/nerdctl/v2.1.2: 404 Not Found',
    })
  })

  it('speaks of the rows that can be downloaded where there is one', () => {
    const { metadata, summary, cachedItems, missingItems } = summarise(toolsetRun())
    expect(metadata.sourceListPath).toBe('/images/toolset-2025.json')
    expect(summary).toEqual({
      totalSources: 12,
      cachedSources: 8,
      missingSources: 4,
      coveragePercentage: 66.6,
      totalCacheSize: 611_900_000,
    })
    const brief = (item: { readonly name: string; readonly version: string }) =>
      `${item.name} ${item.version}`
    expect(cachedItems.map(brief)).toEqual([
      'Temurin 17.0.15+6',
      'Temurin 21.0.7+6',
      'node 22.17.1',
      'go 1.24.5',
      'node 20.19.4',
      'node 22.17.1',
      'Python 3.9.13',
      'Python 3.12.10',
    ])
    expect(missingItems.map((item) => [brief(item), item.downloadUrl, item.reason])).toEqual([
      ['.NET SDK 8.0', '', 'https://builds.example/releases-index.json: 503 Service Unavailable'],
      ['.NET SDK 9.0', '', 'https://builds.example/releases-index.json: 503 Service Unavailable'],
      ['MySQL 5.6', '', 'the report holds no MySQL 5.6'],
      [
        'Python 3.13.5',
        'https://dl.example/Python/3.13.5/Python-3.13.5-win32-x64.zip',
        'E_NOT_FOUND: https://dl.example/Python/3.13.5: 404 Not Found',
      ],
    ])
  })

  it('names no list where several ask, and has no coverage where nothing does', () => {
    const { result, records } = toolsetRun()
    const [first, ...others] = result.requirements
    if (first === undefined) throw new Error('there is no row')
    const requirements = [{ ...first, from: '/other.json' }, ...others]
    expect(
      summarise({ result: { ...result, requirements }, records }).metadata.sourceListPath,
    ).toBeUndefined()
    expect(summarise({ result: sampleResult(), records: [] }).summary).toEqual({
      totalSources: 0,
      cachedSources: 0,
      missingSources: 0,
      coveragePercentage: 0,
      totalCacheSize: 0,
    })
  })
})
