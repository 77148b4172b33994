import { PkgcacheError, printable } from '@pkgcache/core'
import { isFileUrl } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'
import { GENERAL } from './templates/general.ts'
import type { Template } from './templates/row.ts'

/** Every template there is. Adding one: a row in a file below `templates`, and that file's rows here. */
export const TEMPLATES: readonly Template[] = [...GENERAL]

/**
 * A resolver of one template: exact versions only, nobody is asked.
 * @param tool a row, or a name of one in `TEMPLATES`
 * @throws E_UNKNOWN_PACKAGE for a name that no template has
 */
export function template(tool: string | Template): Resolver {
  const row = typeof tool === 'string' ? named(tool) : tool
  return {
    name: `template ${row.tool}`,
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
const EXACT = /^\d+(?:\.\d+){1,3}(?:-?(?:alpha|beta|rc|preview|milestone)[.-]?\d*)?$/i

function fill(row: Template, query: ToolQuery): ToolDownload | undefined {
  const asked = query.version ?? query.spec
  const version = row.version === undefined ? (EXACT.test(asked) ? asked : undefined) : row.version(asked)
  const pattern = row.urls[`${query.platform}-${query.arch}`] ?? row.urls.any
  if (version === undefined || pattern === undefined) return undefined
  const words = row.words === undefined ? {} : row.words(version)
  if (words === undefined) return undefined
  const values: Readonly<Record<string, string>> = { ...words, version }
  const url = pattern.replace(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole)
  return isFileUrl(url) ? { version, url, evidence: 'template' } : undefined
}
