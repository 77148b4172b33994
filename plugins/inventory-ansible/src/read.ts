import { statSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import type { Files } from './files.ts'
import { parseIni } from './ini.ts'
import { depths, type Group, type Host, Inventory, layers } from './inventory.ts'
import { Notes } from './notes.ts'
import type { Statement } from './statements.ts'
import { isFalsy, isMapping, type Vars } from './values.ts'
import { VarsFiles } from './vars-files.ts'
import { readYaml } from './yaml.ts'
import { parseYamlInventory } from './yaml-inventory.ts'

/** Inventory sources, read as `ansible-inventory` reads them. */
export class ReadInventory {
  readonly inventory = new Inventory()
  readonly #files: Files
  readonly #notes: Notes
  readonly #folders: string[] = []
  #depths: ReadonlyMap<Group, number> = new Map()
  #varsFiles: VarsFiles

  private constructor(files: Files, notes: Notes) {
    this.#files = files
    this.#notes = notes
    this.#varsFiles = new VarsFiles([], files, notes)
  }

  /** @param sources absolute paths of files and folders, in their order. What is wrong with them is in `notes` */
  static async of(sources: readonly string[], files: Files, notes: Notes): Promise<ReadInventory> {
    const read = new ReadInventory(files, notes)
    for (const source of sources) await read.#source(source)
    read.inventory.settle()
    read.#depths = depths(read.inventory.groups)
    read.#varsFiles = new VarsFiles(read.#folders, files, notes)
    return read
  }

  async #source(path: string): Promise<void> {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    this.#folders.push(isFolder ? path : dirname(path))
    for (const file of await this.#files.inventories(path)) {
      const read = await this.#files.read(file)
      if (read === undefined) continue
      const shown = this.#files.shown(file)
      if (read.content === undefined)
        this.#notes.fault({ file: shown, line: 1 }, 'encrypted by ansible-vault, which is not opened here')
      else this.#add(read.content, shown)
    }
  }

  #add(text: string, file: string): void {
    const known = this.inventory.groups.keys()
    this.inventory.add(parse(text, file, known, this.#notes), file, this.#notes)
  }

  /** The groups of a host but `all`, those that win last. */
  groupsOf(host: Host): Group[] {
    return layers(host, this.#depths)
  }

  /** The variables of a host with those of its groups and of the files beside the inventories. */
  async varsOf(host: Host): Promise<Vars> {
    const groups = this.groupsOf(host)
    const all = this.inventory.groups.get('all')
    const names = groups.map(({ name }) => name)
    return new Map([
      ...(all?.vars ?? []),
      ...groups.flatMap(({ vars }) => [...vars]),
      ...(await this.#varsFiles.of('group_vars', ['all'])),
      ...(await this.#varsFiles.of('group_vars', names)),
      ...host.vars,
      ...(await this.#varsFiles.of('host_vars', [host.name])),
    ])
  }
}

const YAML_EXTENSIONS = ['', '.yaml', '.yml', '.json']

/** Ansible tries YAML, then INI. Where a file is neither, the faults are of what it looks like. */
function parse(text: string, file: string, known: Iterable<string>, notes: Notes): Statement[] {
  const extension = extname(file)
  if (extension === '.toml') {
    notes.fault(
      { file, line: 1 },
      'TOML, which is not read; `ansible-inventory --list --export --yaml` writes YAML',
    )
    return []
  }
  const groups = [...known]
  if (!YAML_EXTENSIONS.includes(extension)) return parseIni(text, file, groups, notes)
  const asYaml = new Notes()
  const data = readYaml(text, file, asYaml)?.data
  if (data !== undefined && isMapping(data) && !isFalsy(data)) {
    notes.take(asYaml)
    return parseYamlInventory(data, file, notes)
  }
  const asIni = new Notes()
  const statements = parseIni(text, file, groups, asIni)
  const isYaml = asIni.hasFaults && (extension !== '' || looksLikeYaml(text))
  if (isYaml && data !== undefined)
    asYaml.fault(
      { file, line: 1 },
      'a YAML inventory is a mapping: groups, and in them hosts, vars and children',
    )
  notes.take(isYaml ? asYaml : asIni)
  return isYaml ? [] : statements
}

function looksLikeYaml(text: string): boolean {
  return !/^\[[^\]\s]+\]\s*(?:#.*)?$/m.test(text) && /^(?:---|["\w.-]+:(?:\s|$))/m.test(text)
}
