import { openIndex, version } from './reading.ts'
import type { Resolver, ToolDownload } from './resolver.ts'
import { fits } from './spec.ts'

const DEFAULTS = 'https://raw.githubusercontent.com/github/codeql-action/v3/src/defaults.json'
const BUNDLES = 'https://github.com/github/codeql-action/releases/download'

/**
 * CodeQL's bundle. The images take the one for all platforms, of the version that github/codeql-action names as its
 * default (their Install-CodeQLBundle scripts), so that containers can use it too.
 */
export const codeql: Resolver = {
  name: 'codeql',
  async resolve(query, documents): Promise<readonly ToolDownload[]> {
    const wanted = query.version ?? (await documents.index(query.index ?? DEFAULTS, readDefault))
    if (!/^\d+\.\d+\.\d+$/.test(wanted) || (query.version === undefined && !fits(query.spec, wanted)))
      return []
    const url = `${BUNDLES}/codeql-bundle-v${wanted}/codeql-bundle.tar.gz`
    return [{ version: wanted, url, evidence: 'template' }]
  },
}

function readDefault(value: unknown, place: string): string {
  return version(openIndex(value, place), 'cliVersion')
}
