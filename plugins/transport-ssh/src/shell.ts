import type { Duplex } from 'node:stream'
import { PkgcacheError } from '@pkgcache/core/errors'
import { answer, SHELL, START_COMMANDS, startInput } from './commands.ts'
import type { Link, Scope } from './link.ts'
import { OutputTail } from './output.ts'

/** What there is at a path on the node. */
export type Found =
  | { readonly kind: 'missing' }
  | { readonly kind: 'symlink' }
  | { readonly kind: 'other' }
  /** `remembered`: SHA-256 of the file, unchanged since it was hashed there. */
  | { readonly kind: 'file'; readonly size: number; readonly remembered?: string }

/** Parts of one file on the node, by name. */
export interface FoundParts {
  readonly idle: readonly string[]
  readonly busy: readonly string[]
}

/** How moving a part into place ended. `unhashed`: the node has no tool to hash with; nothing was moved. */
export type Finished =
  | { readonly kind: 'done' | 'gone' | 'symlink' | 'other' | 'unhashed' }
  | { readonly kind: 'digest'; readonly actual: string }
  | { readonly kind: 'refused'; readonly why: string }

/** Go's name for what `uname -m` says. */
const ARCHES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  amd64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i386: '386',
  i586: '386',
  i686: '386',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loongarch64: 'loong64',
}

/**
 * One command per session that answers requests about files: starting a login shell can take longer than all of them. One
 * request at a time. A node that runs no commands, or whose shell ends, answers nothing any more: what is asked is
 * undefined then, and SFTP has to do.
 */
export class NodeShell {
  readonly #link: Link
  readonly #root: string
  readonly #sudo: boolean
  #channel: Promise<Duplex> | undefined
  #refused = false
  #turn: Promise<unknown> = Promise.resolve()
  #text = ''
  readonly #complaints = new OutputTail()
  #answered: (text: string | undefined) => void = () => undefined
  #machine: string | undefined
  #process: number | undefined

  /** @param root absolute folder, without line breaks and tabs */
  constructor(link: Link, root: string, sudo: boolean) {
    this.#link = link
    this.#root = root
    this.#sudo = sudo
  }

  /** The last line it wrote to its standard error: why sudo refuses, for one. */
  get complaint(): string {
    return this.#complaints.text().trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  }

  /** Its number among the processes of the node, once it has answered. */
  get process(): number | undefined {
    return this.#process
  }

  /** The node's architecture in Go's spelling. */
  async arch(scope: Scope): Promise<string | undefined> {
    await this.#inTurn(scope, () => this.#opened(scope))
    return this.#machine === undefined ? undefined : (ARCHES[this.#machine] ?? this.#machine)
  }

  async look(scope: Scope, path: string): Promise<Found | undefined> {
    const [kind, size, remembered] = (await this.#ask(scope, 'look', path)) ?? []
    if (kind === 'missing' || kind === 'symlink' || kind === 'other') return { kind }
    if (kind !== 'file' || !/^\d+$/.test(size ?? '')) return undefined
    const file = { kind, size: Number(size) } as const
    return remembered !== undefined && isDigest(remembered) ? { ...file, remembered } : file
  }

  /** SHA-256 of a file as the node reads it, hex, which it remembers; undefined without a tool for it. */
  async digest(scope: Scope, path: string): Promise<string | undefined> {
    const [digest] = (await this.#ask(scope, 'know', path)) ?? []
    return digest !== undefined && isDigest(digest) ? digest : undefined
  }

  /** SHA-256 of each of the first `count` blocks of `size` bytes, the last one as long as it is. */
  async blocks(scope: Scope, path: string, size: number, count: number): Promise<string[]> {
    const [digests = ''] = (await this.#ask(scope, 'blocks', path, `${size}`, `${count}`)) ?? []
    return digests.split(' ')
  }

  /**
   * Names of the parts of `name` in a folder. `idle`: this run's, or nobody's who is still there. `busy`: another run is
   * connected that fills them, or was until a moment ago.
   */
  async parts(scope: Scope, folder: string, name: string, run: string): Promise<FoundParts | undefined> {
    const names = (await this.#ask(scope, 'parts', folder, name, run))?.filter((one) => one !== '')
    return (
      names && {
        idle: names.filter((one) => !one.startsWith('*')),
        busy: names.filter((one) => one.startsWith('*')).map((one) => one.slice(1)),
      }
    )
  }

  /** Hashes a part, and moves it over `target` when it has this digest. @param staged a file known to hold it */
  async finish(
    scope: Scope,
    part: string,
    target: string,
    sha256: string,
    staged?: string,
  ): Promise<Finished | undefined> {
    const more = staged === undefined ? [] : [staged]
    const [kind, detail = ''] = (await this.#ask(scope, 'finish', part, target, sha256, ...more)) ?? []
    if (kind === 'digest') return { kind, actual: detail }
    if (kind === 'refused') return { kind, why: detail }
    const plain = ['done', 'gone', 'symlink', 'other', 'unhashed'] as const
    const found = plain.find((one) => one === kind)
    return found && { kind: found }
  }

  /** Copies a staged file to a part beside its target, making the folders. @returns what hindered it */
  async install(
    scope: Scope,
    staged: string,
    part: string,
    target: string,
    folder: string,
    below: readonly string[],
  ): Promise<{ readonly fault?: string; readonly why: string } | undefined> {
    const [kind, why = ''] = (await this.#ask(scope, 'install', staged, part, target, folder, ...below)) ?? []
    if (kind === undefined) return undefined
    return kind === 'copied' ? { why } : { fault: kind, why }
  }

  /** Removes a file of ours, whether it is there or not. */
  async discard(scope: Scope, path: string): Promise<void> {
    await this.#ask(scope, 'discard', path)
  }

  /** Removes a delivered file and its folder, when that is empty then. @returns what hindered it, empty for nothing */
  async remove(scope: Scope, path: string): Promise<string | undefined> {
    const [kind, why = ''] = (await this.#ask(scope, 'remove', path)) ?? []
    return kind === undefined || kind === 'done' ? kind && '' : why
  }

  #ask(scope: Scope, verb: string, ...args: string[]): Promise<string[] | undefined> {
    return this.#inTurn(scope, async () => {
      const channel = await this.#opened(scope)
      if (channel === undefined || this.#refused) return undefined
      const text = await this.#answer(scope, () => channel.write(`${[verb, ...args].join('\t')}\n`))
      return text?.split('\t')
    })
  }

  #inTurn<T>(scope: Scope, work: () => Promise<T>): Promise<T | undefined> {
    const result = this.#turn.then(async () => {
      if (this.#refused) return undefined
      try {
        return await work()
      } catch (error) {
        this.#refuse()
        // Only the command is refused: SFTP may still do. A lost connection or an ended run ends here.
        if (this.#link.failure !== undefined || scope.signal.aborted) throw error
        return undefined
      }
    })
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** An answer that comes late must not be taken for that of the next request. */
  #refuse(): void {
    this.#refused = true
    this.#channel?.then((channel) => channel.end()).catch(() => undefined)
  }

  async #giveUp(channel: Duplex): Promise<void> {
    const closed = new Promise<void>((resolve) => channel.once('close', resolve))
    this.#refuse()
    await closed
  }

  #answer(scope: Scope, ask: () => void): Promise<string | undefined> {
    return this.#link.wait(
      scope,
      () =>
        new Promise<string | undefined>((resolve) => {
          this.#answered = resolve
          if (this.#refused) resolve(undefined)
          else ask()
        }),
    )
  }

  async #opened(scope: Scope): Promise<Duplex | undefined> {
    if (this.#channel !== undefined) return this.#channel
    this.#channel = this.#open(scope)
    const channel = await this.#channel
    const ready = await this.#answer(scope, () => channel.write(startInput(SHELL, [this.#root])))
    const [word, machine, process = ''] = ready?.split('\t') ?? []
    if (word !== 'ready') throw new PkgcacheError('E_NODE_SHELL', `its shell gives no answer`)
    this.#machine = machine
    this.#process = /^\d+$/.test(process) ? Number(process) : undefined
    return channel
  }

  async #open(scope: Scope): Promise<Duplex> {
    const channel = await this.#link.channel(scope, START_COMMANDS[this.#sudo ? 'sudo' : 'plain'])
    channel.on('data', (data: Buffer) => {
      this.#link.touch()
      this.#text = (this.#text + data.toString('latin1')).slice(-65_536)
      const end = this.#text.lastIndexOf('\n')
      const text = answer(this.#text.slice(0, Math.max(end, 0)))
      if (text === undefined) return
      this.#text = ''
      this.#answered(text)
    })
    if (!this.#sudo) this.#link.spare = () => this.#giveUp(channel)
    channel.stderr.on('data', (data: Buffer) => this.#complaints.push(data))
    channel.on('close', () => {
      this.#refused = true
      // there is nothing to give up any more, and nothing to wait for
      this.#link.spare = undefined
      this.#answered(undefined)
    })
    return channel
  }
}

function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
