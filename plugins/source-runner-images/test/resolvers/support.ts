import { PkgcacheError } from '@pkgcache/core'
import type { Resolver, ToolQuery } from '@pkgcache/source-runner-images/resolvers'
import { expect, it } from 'vitest'
import type { Upstream } from '../upstream.ts'

/** What a promise is refused with, as text for exact comparison. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    return `gave ${JSON.stringify(await promise)}`
  } catch (error) {
    if (!(error instanceof PkgcacheError)) throw error
    return `${error.code} ${error.item ?? ''} ${error.message}`
  }
}

/** How tests name a machine. */
export type MachineName = `${ToolQuery['platform']}-${ToolQuery['arch']}`

/** Machine, spec, the rest of the query, `version URL evidence` of each file. */
export type Case = readonly [MachineName, string, Partial<ToolQuery>, readonly string[]]

/** What the resolver gives in each case. */
export function gives(
  upstream: () => Upstream,
  resolver: Resolver,
  tool: string,
  cases: readonly Case[],
  prereleases = false,
): void {
  it.each(cases)('%s %s %j', async (machine, spec, rest, files) => {
    const query = queryFor(machine, { tool, spec, ...rest })
    const found = await resolver.resolve(query, upstream().documents(), { prereleases })
    expect(found.map(({ version, url, evidence }) => `${version} ${url} ${evidence}`)).toEqual(files)
  })
}

/** `win32-x64` of a query, and the rest of it. */
export function queryFor(
  machine: MachineName,
  rest: Pick<ToolQuery, 'tool' | 'spec'> & Partial<ToolQuery>,
): ToolQuery {
  const [platform, arch] = machine.split('-') as [ToolQuery['platform'], ToolQuery['arch']]
  return { platform, arch, ...rest }
}
