import { expandHosts } from './host-pattern.ts'
import { pythonValue } from './literal.ts'
import { Broken, type Notes } from './notes.ts'
import { shlexSplit } from './shlex.ts'
import type { Statement } from './statements.ts'

const SECTION = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/

/** Where Python's `str.splitlines` ends a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters it splits at
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/

/** A section that was referred to before it was seen. */
interface Pending {
  readonly line: number
  readonly kind: 'vars' | 'children'
  readonly parents: string[]
}

/**
 * An inventory in Ansible's INI dialect.
 * @param known groups of the files before
 */
export function parseIni(text: string, file: string, known: Iterable<string>, notes: Notes): Statement[] {
  return new IniFile(file, known, notes).read(text)
}

class IniFile {
  readonly #statements: Statement[] = []
  readonly #pending = new Map<string, Pending>()
  readonly #groups: Set<string>
  readonly #file: string
  readonly #notes: Notes
  #group = 'ungrouped'
  #state = 'hosts'
  #line = 0

  constructor(file: string, known: Iterable<string>, notes: Notes) {
    this.#file = file
    this.#groups = new Set(known)
    this.#notes = notes
  }

  read(text: string): Statement[] {
    for (const raw of text.split(LINE_END)) {
      this.#line++
      const line = raw.trim()
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
      this.#notes.attempt({ file: this.#file, line: this.#line }, () => this.#readLine(line))
    }
    for (const [name, { line, kind, parents }] of this.#pending) {
      const what =
        kind === 'vars'
          ? `[${name}:vars] is about a group that is not defined`
          : `[${parents.at(-1)}:children] names the group ${name}, which is not defined`
      this.#notes.fault({ file: this.#file, line }, what)
    }
    return this.#statements
  }

  #readLine(line: string): void {
    const section = SECTION.exec(line)
    if (section !== null) this.#section(section[1] ?? '', section[2] ?? 'hosts')
    else if (line.startsWith('[') && line.endsWith(']'))
      throw new Broken('this is no section: a name has no spaces')
    else if (this.#state === 'hosts') this.#hosts(line)
    else if (this.#state === 'vars') this.#variable(line)
    else if (this.#state === 'children') this.#child(line)
    // below a section that is not understood nothing can be
  }

  #section(name: string, kind: string): void {
    this.#group = name
    this.#state = kind
    if (!['hosts', 'children', 'vars'].includes(kind))
      throw new Broken(`[${name}:${kind}] is neither a group nor its children or vars`)
    if (!this.#groups.has(name)) {
      if (kind === 'vars' && !this.#pending.has(name))
        this.#pending.set(name, { line: this.#line, kind, parents: [] })
      this.#groups.add(name)
      this.#statements.push({ line: this.#line, kind: 'group', name })
    }
    if (kind === 'vars') return
    if (this.#pending.get(name)?.kind === 'children') this.#meet(name)
    else this.#pending.delete(name)
  }

  /** A group that stood in a `children` section before it was seen. */
  #meet(name: string): void {
    for (const parent of this.#pending.get(name)?.parents ?? []) {
      this.#statements.push({ line: this.#line, kind: 'child', parent, child: name })
    }
    this.#pending.delete(name)
  }

  #child(line: string): void {
    const child = GROUP_NAME.exec(line)?.[1]
    if (child === undefined) throw new Broken('a line below [group:children] is the name of one group')
    if (this.#groups.has(child)) {
      this.#statements.push({ line: this.#line, kind: 'child', parent: this.#group, child })
      return
    }
    const pending = this.#pending.get(child)
    if (pending) pending.parents.push(this.#group)
    else this.#pending.set(child, { line: this.#line, kind: 'children', parents: [this.#group] })
  }

  #variable(line: string): void {
    const equals = line.indexOf('=')
    if (equals < 0) throw new Broken('a line below [group:vars] is name=value')
    const name = line.slice(0, equals).trim()
    const data = pythonValue(line.slice(equals + 1).trim(), this.#line)
    this.#statements.push({ line: this.#line, kind: 'variable', of: this.#group, name, data })
  }

  #hosts(line: string): void {
    const [pattern = '', ...assignments] = shlexSplit(line, true)
    const { hosts, port } = expandHosts(pattern)
    if (pattern.trim().endsWith(':') && port === undefined)
      throw new Broken(`${JSON.stringify(pattern)} ends with ":", and no port follows`)
    if (hosts.includes('---')) throw new Broken('"---" begins YAML, and the rest is none')
    // the line itself is not quoted anywhere: it may hold a password
    const variables = assignments.map((assignment) => {
      const equals = assignment.indexOf('=')
      if (equals < 0) throw new Broken('what follows a host is name=value, with quotes around blanks')
      return [assignment.slice(0, equals), pythonValue(assignment.slice(equals + 1), this.#line)] as const
    })
    for (const name of hosts) {
      this.#statements.push({ line: this.#line, kind: 'host', name, group: this.#group, port })
      for (const [variable, data] of variables) {
        this.#statements.push({ line: this.#line, kind: 'variable', of: name, name: variable, data })
      }
    }
  }
}
