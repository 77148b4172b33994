import { expandHosts } from './host-pattern.ts'
import { Broken, type Notes } from './notes.ts'
import type { Statement } from './statements.ts'
import { type Entry, isFalsy, isMapping, kindOf, type Place, type Value } from './values.ts'

type Mapping = ReadonlyMap<string, Entry>

/** An inventory in YAML or JSON: groups on top, in each `hosts`, `vars` and `children`. */
export function parseYamlInventory(root: Mapping, file: string, notes: Notes): Statement[] {
  const plugin = root.get('plugin')
  if (plugin !== undefined && !isFalsy(plugin.value.data)) {
    const name = typeof plugin.value.data === 'string' ? ` ${plugin.value.data}` : ''
    notes.fault(
      { file, line: plugin.line, path: 'plugin' },
      `this configures the inventory plugin${name}; dynamic inventories are not run`,
    )
    return []
  }
  const parser = new YamlInventory(file, notes)
  for (const [name, entry] of root) parser.group(name, entry, [])
  return parser.statements
}

class YamlInventory {
  readonly statements: Statement[] = []
  readonly #file: string
  readonly #notes: Notes

  constructor(file: string, notes: Notes) {
    this.#file = file
    this.#notes = notes
  }

  group(name: string, entry: Entry, above: readonly string[]): void {
    const keys = [...above, name]
    const at = this.#at(entry, keys)
    const { data } = entry.value
    if (data !== null && !isMapping(data)) {
      this.#notes.warnAt(at, `this is no group: ${kindOf(data)}; left out`)
      return
    }
    this.#notes.attempt(at, () => {
      if (!entry.textual) throw new Broken('the name of a group is text: put it in quotes')
      if (name === '') throw new Broken('a group has an empty name')
    })
    this.statements.push({ kind: 'group', name, line: entry.line, path: at.path })
    for (const [section, content] of data ?? []) this.#section(name, section, content, keys)
  }

  #at({ line }: { readonly line: number }, keys: readonly string[]): Place {
    return { file: this.#file, line, path: keys.join('.') }
  }

  #section(group: string, section: string, entry: Entry, above: readonly string[]): void {
    const keys = [...above, section]
    const at = this.#at(entry, keys)
    const known = ['vars', 'children', 'hosts'].includes(section)
    const { data } = entry.value
    if (data === null) return
    // a single name stands for itself
    const content = typeof data === 'string' && known ? only(data, entry.value) : data
    if (!known) {
      this.#notes.warnAt(at, 'a group has hosts, vars and children, nothing else; left out')
    } else if (!isMapping(content)) {
      this.#notes.fault(at, `must be a mapping, is ${kindOf(content)}`)
    } else {
      for (const [key, one] of content) this.#member(group, section, key, one, keys)
    }
  }

  #member(group: string, section: string, key: string, entry: Entry, above: readonly string[]): void {
    const { path } = this.#at(entry, [...above, key])
    const { line, value } = entry
    if (section === 'vars') {
      this.statements.push({ kind: 'variable', of: group, name: key, data: value.data, line, path })
    } else if (section === 'children') {
      this.group(key, entry, above)
      this.statements.push({ kind: 'child', parent: group, child: key, line, path })
    } else {
      this.#notes.attempt({ file: this.#file, line, path }, () =>
        this.#hosts(group, key, entry, [...above, key]),
      )
    }
  }

  #hosts(group: string, pattern: string, entry: Entry, keys: readonly string[]): void {
    if (!entry.textual) throw new Broken('the name of a host is text: put it in quotes')
    const { hosts, port } = expandHosts(pattern)
    const { data } = entry.value
    const vars: Mapping = isFalsy(data) ? new Map() : isMapping(data) ? data : refuse(entry.value)
    const path = keys.join('.')
    for (const name of hosts) {
      this.statements.push({ kind: 'host', name, group, port, line: entry.line, path })
      for (const [variable, { line, value }] of vars) {
        const place = { line, path: `${path}.${variable}` }
        this.statements.push({ kind: 'variable', of: name, name: variable, data: value.data, ...place })
      }
    }
  }
}

function only(name: string, { line }: Value): Mapping {
  return new Map([[name, { line, textual: true, value: { line, data: null } }]])
}

function refuse({ data }: Value): never {
  throw new Broken(`the variables of a host are a mapping, this is ${kindOf(data)}`)
}
