import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Existing files that an absolute pattern of glob(7) names, sorted: `*`, `?`, `[a-z]`, `[!a]`. */
export async function expandGlob(pattern: string): Promise<string[]> {
  let paths = ['/']
  for (const segment of pattern.split('/').filter(Boolean)) {
    if (!/[*?[]/.test(segment)) {
      paths = paths.map((path) => join(path, segment))
      continue
    }
    const matching = segmentPattern(segment)
    const found = await Promise.all(
      paths.map(async (path) => (await names(path)).filter(matching).map((name) => join(path, name))),
    )
    paths = found.flat()
  }
  return paths
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch {
    return []
  }
}

function segmentPattern(segment: string): (name: string) => boolean {
  const source = segment.replace(
    /\[([!^]?)(\]?[^\]]*)\]|[\s\S]/g,
    (text: string, not: string, set: string) => {
      if (set !== undefined)
        return `[${not ? '^' : ''}${set.replace(/[\\\]]/g, '\\$&').replace(/\[/g, '\\[')}]`
      if (text === '*') return '.*'
      if (text === '?') return '.'
      return text.replace(/[\\^$.+()[\]{}|]/, '\\$&')
    },
  )
  const pattern = compiled(`^${source}$`)
  // Hidden names are only found by a pattern that says so.
  return (name) => pattern.test(name) && (segment.startsWith('.') || !name.startsWith('.'))
}

/** A range the wrong way round (`[z-a]`) names nothing. */
function compiled(source: string): RegExp {
  try {
    return new RegExp(source, 's')
  } catch {
    return /(?!)/
  }
}
