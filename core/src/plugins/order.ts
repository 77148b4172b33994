import { PkgcacheError } from '../errors/error.ts'
import { closest } from '../text.ts'
import type { Plugin } from './types.ts'

const TIERS = ['pre', undefined, 'post'] as const

/**
 * The order in which plugins tap: `enforce` tiers first, then `before`/`after` by name, else as configured.
 * @throws E_PLUGIN_ORDER with all faults: duplicate names, unknown names, cycles
 */
export function orderPlugins(plugins: readonly Plugin[]): Plugin[] {
  const faults = [...duplicates(plugins), ...unknownNames(plugins)]
  if (faults.length > 0) throw orderError(faults)
  const tiered = TIERS.flatMap((tier) => plugins.filter((plugin) => plugin.enforce === tier))
  return topological(tiered)
}

function orderError(faults: readonly string[]): PkgcacheError {
  return new PkgcacheError('E_PLUGIN_ORDER', 'the plugins cannot be put in order', {
    faults,
    hint: 'plugin names must be unique, and `before`/`after` must name loaded plugins without going in a circle',
  })
}

function duplicates(plugins: readonly Plugin[]): string[] {
  const names = plugins.map((plugin) => plugin.name)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map(
    (name) => `plugin "${name}" is listed ${names.filter((n) => n === name).length} times`,
  )
}

function unknownNames(plugins: readonly Plugin[]): string[] {
  const names = plugins.map((plugin) => plugin.name)
  return plugins.flatMap((plugin) =>
    (['before', 'after'] as const).flatMap((relation) =>
      (plugin[relation] ?? [])
        .filter((name) => !names.includes(name))
        .map((name) => {
          const meant = closest(name, names)
          return `plugin "${plugin.name}": ${relation} names unknown plugin "${name}"${meant ? `; did you mean "${meant}"?` : ''}`
        }),
    ),
  )
}

/** Kahn's algorithm that always takes the earliest ready plugin, so that unrelated ones keep their order. */
function topological(plugins: readonly Plugin[]): Plugin[] {
  const waitsFor = new Map(plugins.map((plugin) => [plugin.name, new Set(plugin.after ?? [])]))
  for (const plugin of plugins) for (const later of plugin.before ?? []) waitsFor.get(later)?.add(plugin.name)
  const ordered: Plugin[] = []
  const left = [...plugins]
  while (left.length > 0) {
    const index = left.findIndex((plugin) => waitsFor.get(plugin.name)?.size === 0)
    if (index === -1)
      throw orderError([`before/after go in a circle: ${left.map((plugin) => plugin.name).join(' → ')}`])
    const [next] = left.splice(index, 1) as [Plugin]
    for (const names of waitsFor.values()) names.delete(next.name)
    ordered.push(next)
  }
  return ordered
}
