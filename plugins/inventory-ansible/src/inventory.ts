import { Broken, type Notes } from './notes.ts'
import type { Statement } from './statements.ts'
import type { Data, Place, Vars } from './values.ts'

/** A group of hosts. */
export interface Group {
  readonly name: string
  readonly vars: Vars
  readonly parents: Set<Group>
  readonly children: Set<Group>
  /** `ansible_group_priority`: of groups as deep as each other the greater wins. */
  priority: number
}

/** A host of the inventory. */
export interface Host {
  readonly name: string
  /** Where it was met first. */
  readonly at: Place
  readonly vars: Vars
  /** Those it is in itself. */
  readonly groups: Set<Group>
}

/** Groups and hosts as inventory files make them, one statement after the other. */
export class Inventory {
  readonly groups = new Map<string, Group>()
  readonly hosts = new Map<string, Host>()

  constructor() {
    this.#child(this.#group('all'), this.#group('ungrouped'))
  }

  /** Carries out what a file says. */
  add(statements: readonly Statement[], file: string, notes: Notes): void {
    for (const statement of statements) {
      const at: Place = { file, line: statement.line, path: statement.path }
      notes.attempt(at, () => this.#carryOut(statement, at))
    }
  }

  /** As Ansible does in the end: a host in no other group is in `ungrouped`, one in another is not. */
  settle(): void {
    const ungrouped = this.#group('ungrouped')
    for (const { groups } of this.hosts.values()) {
      const others = [...withAncestors(groups)].filter(({ name }) => name !== 'all' && name !== 'ungrouped')
      if (others.length > 0) groups.delete(ungrouped)
      else groups.add(ungrouped)
    }
  }

  #carryOut(statement: Statement, at: Place): void {
    switch (statement.kind) {
      case 'group':
        this.#group(statement.name)
        break
      case 'host':
        this.#host(statement.name, statement.port, at).groups.add(this.#group(statement.group))
        break
      case 'child':
        this.#belongs(statement.parent, statement.child)
        break
      case 'variable':
        this.#variable(statement.of, statement.name, statement.data, at)
    }
  }

  #group(name: string): Group {
    let group = this.groups.get(name)
    if (group === undefined) {
      group = { name, vars: new Map(), parents: new Set(), children: new Set(), priority: 1 }
      this.groups.set(name, group)
    }
    return group
  }

  #host(name: string, port: number | undefined, at: Place): Host {
    if (name === '') throw new Broken('a host has an empty name')
    let host = this.hosts.get(name)
    if (host === undefined) {
      host = { name, at, vars: new Map(), groups: new Set() }
      // only where a host is met first its port counts
      if (port !== undefined) host.vars.set('ansible_port', { data: BigInt(port), at })
      this.hosts.set(name, host)
    }
    return host
  }

  #belongs(parent: string, child: string): void {
    const group = this.groups.get(child)
    const host = this.hosts.get(child)
    if (group !== undefined) this.#child(this.#group(parent), group)
    else if (host !== undefined) host.groups.add(this.#group(parent))
    else throw new Broken(`${child} is neither a group nor a host`)
  }

  #child(parent: Group, child: Group): void {
    if (child === parent) throw new Broken(`the group ${child.name} contains itself`)
    if (withAncestors([parent]).has(child) || child.name === 'all')
      throw new Broken(`the groups ${child.name} and ${parent.name} contain each other`)
    parent.children.add(child)
    child.parents.add(parent)
  }

  #variable(of: string, name: string, data: Data, at: Place): void {
    const group = this.groups.get(of)
    const owner = group ?? this.hosts.get(of)
    if (owner === undefined) throw new Broken(`${of} is neither a group nor a host`)
    if (group !== undefined && name === 'ansible_group_priority') group.priority = priority(data)
    else owner.vars.set(name, { data, at })
  }
}

function priority(data: Data): number {
  if (typeof data === 'bigint' || typeof data === 'boolean') return Number(data)
  if (typeof data === 'number' && Number.isFinite(data)) return Math.trunc(data)
  if (typeof data === 'string' && /^\s*[+-]?\d+\s*$/.test(data)) return Number(data)
  throw new Broken('ansible_group_priority is a whole number')
}

/** These groups and all that contain them, `all` only where it stands there as a parent. */
export function withAncestors(groups: Iterable<Group>): Set<Group> {
  const seen = new Set(groups)
  // a Set hands out what is added while it is walked
  for (const group of seen) for (const parent of group.parents) seen.add(parent)
  return seen
}

/** How far each group is from `all`, on the longest way: the deeper one's variables win. */
export function depths(groups: ReadonlyMap<string, Group>): Map<Group, number> {
  const depth = new Map<Group, number>()
  const waiting = new Map([...groups.values()].map((group) => [group, group.parents.size]))
  const ready = [...waiting].filter(([, parents]) => parents === 0).map(([group]) => group)
  for (const group of ready) if (group.name !== 'all') depth.set(group, 1)
  for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
    const below = (depth.get(group) ?? 0) + 1
    for (const child of group.children) {
      depth.set(child, Math.max(depth.get(child) ?? 0, below))
      const left = (waiting.get(child) ?? 0) - 1
      waiting.set(child, left)
      if (left === 0) ready.push(child)
    }
  }
  return depth
}

/** The groups of a host but `all`, in the order in which their variables are laid over each other. */
export function layers(host: Host, depth: ReadonlyMap<Group, number>): Group[] {
  const rank = (group: Group) => depth.get(group) ?? 0
  return [...withAncestors(host.groups)]
    .filter(({ name }) => name !== 'all')
    .sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || (a.name < b.name ? -1 : 1))
}
