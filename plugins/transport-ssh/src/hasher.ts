import type { Duplex } from 'node:stream'
import { answer, HASHER_COMMANDS } from './commands.ts'
import type { Link, Scope } from './link.ts'

/**
 * Hashes files on the node with one command per session: it reads paths from its standard input and answers a digest
 * for each. A login shell's start can take longer than the hashing, so it is paid once. One file at a time.
 */
export class Hasher {
  readonly #link: Link
  readonly #command: string
  #channel: Promise<Duplex> | undefined
  #refused = false
  #turn: Promise<unknown> = Promise.resolve()
  #text = ''
  #answered: (text: string | undefined) => void = () => undefined

  constructor(link: Link, sudo: boolean) {
    this.#link = link
    this.#command = HASHER_COMMANDS[sudo ? 'sudo' : 'plain']
  }

  /**
   * SHA-256 of a file as the node reads it, hex; undefined when the node runs no command or has no tool for it.
   * @param path absolute, without line breaks
   */
  digest(scope: Scope, path: string): Promise<string | undefined> {
    const result = this.#turn.then(() => this.#ask(scope, path))
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #ask(scope: Scope, path: string): Promise<string | undefined> {
    if (this.#refused) return undefined
    this.#channel ??= this.#open(scope)
    try {
      const channel = await this.#channel
      const text = await this.#link.wait(
        scope,
        () =>
          new Promise<string | undefined>((resolve) => {
            this.#answered = resolve
            if (this.#refused) resolve(undefined)
            else channel.write(`${path}\n`)
          }),
      )
      return text?.match(/^[0-9a-f]{64}\b/)?.[0]
    } catch (error) {
      // An answer that comes late must not be taken for that of the next file.
      this.#refused = true
      this.#channel?.then((channel) => channel.end()).catch(() => undefined)
      // Only the command is refused: the file can still be read. A lost connection or an ended run ends here.
      if (this.#link.failure !== undefined || scope.signal.aborted) throw error
      return undefined
    }
  }

  async #open(scope: Scope): Promise<Duplex> {
    const channel = await this.#link.channel(scope, this.#command)
    channel.on('data', (data: Buffer) => {
      this.#link.touch()
      this.#text = (this.#text + data.toString('latin1')).slice(-4096)
      const end = this.#text.lastIndexOf('\n')
      const text = answer(this.#text.slice(0, Math.max(end, 0)), 'sha256')
      if (text === undefined) return
      this.#text = ''
      this.#answered(text)
    })
    channel.stderr.resume()
    channel.on('close', () => {
      this.#refused = true
      this.#answered(undefined)
    })
    return channel
  }
}
