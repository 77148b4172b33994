import { PkgcacheError, printable } from '@pkgcache/core'
import type { Place } from './values.ts'

/** What is wrong with the piece that is being read; whoever knows its place catches it. */
export class Broken extends Error {}

const SHOWN_HOSTS = 5
const SHOWN_FAULTS = 100

/** What is found while an inventory is read: faults that end it, and warnings, each with the hosts it is about. */
export class Notes {
  readonly #faults = new Map<string, Place>()
  readonly #warnings = new Map<string, Set<string>>()

  /** @param at a place in a file, or the option that is meant */
  fault(at: Place | string, message: string): void {
    const [place, name] = typeof at === 'string' ? [{ file: at, line: 0 }, at] : [at, shown(at)]
    this.#faults.set(`${name}: ${message}`, place)
  }

  /** Runs `work`; what it finds broken becomes a fault at this place. */
  attempt<T>(at: Place, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      this.fault(at, error.message)
      return undefined
    }
  }

  warn(message: string, host?: string): void {
    const hosts = this.#warnings.get(message) ?? new Set()
    if (host !== undefined) hosts.add(host)
    this.#warnings.set(message, hosts)
  }

  warnAt(at: Place, message: string): void {
    this.warn(`${shown(at)}: ${message}`)
  }

  get hasFaults(): boolean {
    return this.#faults.size > 0
  }

  /** What others have found. */
  take(others: Notes): void {
    for (const [fault, place] of others.#faults) this.#faults.set(fault, place)
    for (const [message, hosts] of others.#warnings) this.#warnings.set(message, hosts)
  }

  /** One line each, in the order they came up. */
  warnings(): string[] {
    return [...this.#warnings].map(([message, hosts]) => {
      const names = [...hosts].slice(0, SHOWN_HOSTS).join(', ')
      const more = hosts.size > SHOWN_HOSTS ? ` and ${hosts.size - SHOWN_HOSTS} more` : ''
      return printable(hosts.size === 0 ? message : `${message} (${names}${more})`)
    })
  }

  /** @throws E_INVENTORY with all faults */
  settle(): void {
    const faults = inOrder([...this.#faults])
    if (faults.length === 0) return
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    throw new PkgcacheError('E_INVENTORY', `the Ansible inventory has ${count}`, {
      faults: faults.slice(0, SHOWN_FAULTS),
      hint: 'mend the files, or leave hosts out with `limit`; `ansible-inventory --list` shows what Ansible reads',
    })
  }
}

/** Files in the order they came up, lines in theirs. */
function inOrder(faults: readonly (readonly [string, Place])[]): string[] {
  const files = [...new Set(faults.map(([, { file }]) => file))]
  const rank = ([, { file }]: readonly [string, Place]) => files.indexOf(file)
  return [...faults].sort((a, b) => rank(a) - rank(b) || a[1].line - b[1].line).map(([fault]) => fault)
}

function shown({ file, line, path }: Place): string {
  return path === undefined ? `${file}:${line}` : `${file}:${line} ${path}`
}
