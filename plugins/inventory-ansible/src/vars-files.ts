import { join } from 'node:path'
import type { Content, Files } from './files.ts'
import type { Notes } from './notes.ts'
import { isFalsy, isMapping, kindOf, type Vars } from './values.ts'
import { readYaml } from './yaml.ts'

/** Variables in `group_vars` and `host_vars` beside inventories. Each file is read once, and only when it is asked for. */
export class VarsFiles {
  readonly #folders: readonly string[]
  readonly #files: Files
  readonly #notes: Notes
  readonly #names = new Map<string, Promise<string[]>>()
  readonly #vars = new Map<string, Promise<Vars>>()

  /** @param folders of the inventory sources, in their order */
  constructor(folders: readonly string[], files: Files, notes: Notes) {
    this.#folders = folders
    this.#files = files
    this.#notes = notes
  }

  /** For these names, in their order; a later folder wins over an earlier one. */
  async of(kind: 'group_vars' | 'host_vars', names: readonly string[]): Promise<Vars> {
    const all: Vars = new Map()
    for (const folder of this.#folders) {
      for (const name of names) {
        for (const [key, variable] of await this.#one(join(folder, kind), name)) all.set(key, variable)
      }
    }
    return all
  }

  #one(folder: string, name: string): Promise<Vars> {
    const id = join(folder, name)
    const vars = this.#vars.get(id) ?? this.#read(folder, name)
    this.#vars.set(id, vars)
    return vars
  }

  async #read(folder: string, name: string): Promise<Vars> {
    const names = this.#names.get(folder) ?? this.#files.list(folder)
    this.#names.set(folder, names)
    const vars: Vars = new Map()
    const texts: (readonly [string, Content])[] = []
    for (const path of await this.#files.variables(folder, await names, name)) {
      const file = await this.#files.read(path)
      if (file !== undefined) texts.push([this.#files.shown(path), file.content])
    }
    const hasPlain = texts.some(([, text]) => text !== undefined)
    for (const [file, text] of texts) {
      if (text === undefined) this.#encrypted(file, hasPlain)
      else this.#add(text, file, vars)
    }
    return vars
  }

  /** Beside plain files it is Ansible's usual place for secrets; alone it may hold what is needed. */
  #encrypted(file: string, hasPlain: boolean): void {
    const at = { file, line: 1 }
    if (hasPlain) this.#notes.warnAt(at, 'encrypted by ansible-vault; its variables are not known here')
    else
      this.#notes.fault(
        at,
        'encrypted by ansible-vault; how to reach hosts belongs into a plain file beside it',
      )
  }

  #add(text: string, file: string, into: Vars): void {
    const value = readYaml(text, file, this.#notes)
    if (value === undefined || isFalsy(value.data)) return
    if (!isMapping(value.data)) {
      this.#notes.fault({ file, line: value.line }, `variables are a mapping, this is ${kindOf(value.data)}`)
      return
    }
    for (const [name, entry] of value.data) {
      into.set(name, { data: entry.value.data, at: { file, line: entry.line, path: name } })
    }
  }
}
