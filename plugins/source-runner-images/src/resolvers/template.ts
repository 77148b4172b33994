import { PkgcacheError, printable } from '@pkgcache/core'
import { isFileUrl } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'
import { IMAGE_TOOLS } from './templates/image-tools.ts'
import { JAVA_TOOLS } from './templates/java.ts'
import { LANGUAGES } from './templates/languages.ts'
import type { Template } from './templates/row.ts'
import { TOOLS } from './templates/tools.ts'

/** Every template there is. Adding one: a row in a file below `templates`, and that file's rows here. */
export const TEMPLATES: readonly Template[] = [...LANGUAGES, ...JAVA_TOOLS, ...TOOLS, ...IMAGE_TOOLS]

/**
 * A resolver of one template: exact versions only, nobody is asked.
 * @param tool a row, or a name of one in `TEMPLATES`
 * @throws E_UNKNOWN_PACKAGE for a name that no template has
 */
export function template(tool: string | Template): Resolver {
  const row = typeof tool === 'string' ? named(tool) : tool
  return {
    name: `template ${row.tool}`,
    exactOnly: true,
    async resolve(query): Promise<readonly ToolDownload[]> {
      const found = fill(row, query)
      return found === undefined ? [] : [found]
    },
  }
}

/** The template of that name, whatever its case. @returns undefined when there is none */
export function findTemplate(name: string): Template | undefined {
  const asked = name.toLowerCase()
  return TEMPLATES.find((row) =>
    [row.tool, ...(row.aliases ?? [])].some((known) => known.toLowerCase() === asked),
  )
}

function named(name: string): Template {
  const row = findTemplate(name)
  if (row !== undefined) return row
  throw new PkgcacheError('E_UNKNOWN_PACKAGE', `there is no template of ${printable(name)}`, {
    hint: `there are ${TEMPLATES.map(({ tool }) => tool).join(', ')}`,
  })
}

/** Two to four numbers, perhaps with a prerelease. */
const EXACT = /^v?(\d+(?:\.\d+){1,3}(?:-?(?:alpha|beta|rc|preview|milestone)[.-]?\d*)?)$/i

function fill(row: Template, query: ToolQuery): ToolDownload | undefined {
  const asked = query.version ?? query.spec
  const version = row.version === undefined ? EXACT.exec(asked)?.[1] : row.version(asked)
  if (version === undefined) return undefined
  const pattern = patternFor(row, query, version)
  if (pattern === undefined) return undefined
  const values: Readonly<Record<string, string>> = { ...row.words?.(version), version }
  const url = pattern.replace(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole)
  return isFileUrl(url) ? { version, url, evidence: 'template' } : undefined
}

function patternFor(row: Template, { platform, arch }: ToolQuery, version: string): string | undefined {
  const patterns = row.urls[`${platform}-${arch}`] ?? row.urls.any
  if (patterns === undefined || typeof patterns === 'string') return patterns
  return patterns.find(({ when }) => when(version))?.url
}
