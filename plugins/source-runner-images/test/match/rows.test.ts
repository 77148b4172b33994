import { PkgcacheError } from '@pkgcache/core'
import { describe, expect, it } from 'vitest'
import type { Documents } from '../../src/documents.ts'
import { matchRows } from '../../src/match/rows.ts'
import type { Resolver, ToolQuery } from '../../src/resolvers/resolver.ts'
import type { Wanted } from '../../src/toolset/section.ts'

const nobody = () => Promise.reject(new Error('nobody is to be asked'))
const documents: Documents = { json: nobody, made: nobody, index: nobody }

const query: ToolQuery = { tool: 'tool', spec: '1.*', platform: 'linux', arch: 'x64' }

function wanted(tool: string, resolver: Resolver): Wanted {
  const supply = { kind: 'resolver', resolver, query: { ...query, tool } } as const
  const path = `$.toolcache.${tool}`
  return { section: 'toolcache', tool, requested: '1.*', platform: 'linux', arch: 'x64', path, supply }
}

function brokenIndex(item: string): Resolver {
  return {
    name: 'index',
    resolve: () =>
      Promise.reject(new PkgcacheError('E_VERSION_INDEX', 'is no JSON: line 1, column 1', { item })),
  }
}

async function faultsOf(...rows: Wanted[]): Promise<string[]> {
  const toolset = {
    file: 't.json',
    image: { platform: 'linux', arch: 'x64' },
    wanted: rows,
    faults: [],
  } as const
  const { faults } = await matchRows({ toolsets: [toolset], documents })
  return faults.map(({ item, message }) => `${item} ${message}`)
}

describe('faults of indexes', () => {
  it('are told once for each index, with the first row that asked for it', async () => {
    const [first, second] = [brokenIndex('https://a.dev/1.json'), brokenIndex('https://a.dev/2.json')]
    expect(await faultsOf(wanted('a', first), wanted('b', second), wanted('c', first))).toEqual([
      't.json $.toolcache.a: https://a.dev/1.json: is no JSON: line 1, column 1',
      't.json $.toolcache.b: https://a.dev/2.json: is no JSON: line 1, column 1',
    ])
  })

  it('do not take rows from each other', async () => {
    const sound: Resolver = {
      name: 'sound',
      resolve: async () => [{ version: '1.2.3', url: 'https://a.dev/1.2.3.zip', evidence: 'index' }],
    }
    const toolset = {
      file: 't.json',
      image: { platform: 'linux', arch: 'x64' },
      wanted: [wanted('a', brokenIndex('https://a.dev/1.json')), wanted('b', sound)],
      faults: [],
    } as const
    const { rows } = await matchRows({ toolsets: [toolset], documents })
    expect(
      rows.map(({ tool, version, downloadUrl, reason }) => [tool, version, downloadUrl, reason]),
    ).toEqual([
      [
        'a',
        'unknown',
        undefined,
        'no report was given; index could not be asked: https://a.dev/1.json: is no JSON: line 1, column 1',
      ],
      ['b', '1.2.3', 'https://a.dev/1.2.3.zip', 'no report was given'],
    ])
  })
})
