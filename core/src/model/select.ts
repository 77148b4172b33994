import { PkgcacheError } from '../errors/error.ts'
import type { NodeSpec } from './node.ts'

/** What patterns look at. */
export type Choosable = Pick<NodeSpec, 'name' | 'groups' | 'labels'>

/**
 * Whether a node is chosen by patterns: the name of a node or group, a glob of either (`*`, `?`), `all`, or a label
 * `key=value`. One that matches is enough; `!pattern` takes out again, whatever its place. Only exclusions: all others.
 */
export function isChosen(node: Choosable, patterns: readonly string[]): boolean {
  const out = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  const into = patterns.filter((pattern) => !pattern.startsWith('!'))
  return (
    (into.length === 0 || into.some((one) => matches(node, one))) && !out.some((one) => matches(node, one))
  )
}

/** The nodes that patterns choose, in their own order. @throws E_USAGE for a pattern that no node matches */
export function chooseNodes(patterns: readonly string[], nodes: readonly NodeSpec[]): NodeSpec[] {
  const idle = idlePatterns(patterns, nodes)
  if (idle.length === 0) return nodes.filter((node) => isChosen(node, patterns))
  const groups = [...new Set(nodes.flatMap((node) => node.groups ?? []))]
  const names = nodes.map((node) => node.name)
  throw new PkgcacheError(
    'E_USAGE',
    `there is no node called ${idle.map((one) => JSON.stringify(one)).join(', ')}`,
    {
      hint: `configured nodes: ${some(names)}${groups.length > 0 ? `; groups: ${some(groups)}` : ''}`,
    },
  )
}

/** Patterns that no node matches: usually a slip of the pen. */
export function idlePatterns(patterns: readonly string[], nodes: readonly Choosable[]): string[] {
  return patterns.filter((pattern) => {
    const bare = pattern.startsWith('!') ? pattern.slice(1) : pattern
    return !nodes.some((node) => matches(node, bare))
  })
}

function matches(node: Choosable, pattern: string): boolean {
  if (pattern === 'all') return true
  const equals = pattern.indexOf('=')
  if (equals > 0 && node.name !== pattern) {
    const { labels = {} } = node
    const key = pattern.slice(0, equals)
    return Object.hasOwn(labels, key) && glob(pattern.slice(equals + 1)).test(labels[key] ?? '')
  }
  const called = glob(pattern)
  return called.test(node.name) || (node.groups ?? []).some((group) => called.test(group))
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

/** The first of many names, for a hint. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ') || 'none'
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}
