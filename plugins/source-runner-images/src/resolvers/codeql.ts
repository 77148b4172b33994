import { openIndex, version } from './reading.ts'
import type { Resolver, ToolDownload } from './resolver.ts'
import { fits } from './spec.ts'

const DEFAULTS = 'https://raw.githubusercontent.com/github/codeql-action/v3/src/defaults.json'
const BUNDLES = 'https://github.com/github/codeql-action/releases/download'
const EXACT = /^\d+\.\d+\.\d+$/

/**
 * CodeQL's bundle. The images take the one for all platforms, so that containers can use it too, of the version that
 * github/codeql-action names as its default (their Install-CodeQLBundle scripts).
 */
export const codeql: Resolver = {
  name: 'codeql',
  async resolve({ spec, index, ...query }, documents): Promise<readonly ToolDownload[]> {
    const wanted = query.version ?? spec
    if (EXACT.test(wanted)) return [bundle(wanted)]
    if (query.version !== undefined) return []
    const newest = await documents.index(index ?? DEFAULTS, readDefault)
    return fits(spec, newest) ? [bundle(newest)] : []
  },
}

function bundle(exact: string): ToolDownload {
  return {
    version: exact,
    url: `${BUNDLES}/codeql-bundle-v${exact}/codeql-bundle.tar.gz`,
    evidence: 'template',
  }
}

function readDefault(value: unknown, place: string): string {
  return version(openIndex(value, place), 'cliVersion')
}
