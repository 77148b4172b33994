import { StringDecoder } from 'node:string_decoder'
import type { Output } from './output.ts'
import { oneLine } from './render/text.ts'

/** What is typed on: `process.stdin`, or a test's own. */
export interface Keyboard {
  readonly isTTY?: boolean | undefined
  /** Raw: every key at once, none echoed, none a signal (termios(3), cfmakeraw). */
  setRawMode?(raw: boolean): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'end' | 'close' | 'error', listener: () => void): unknown
  resume(): unknown
  pause(): unknown
}

// As getpass(3) does, what was typed before the question is no answer to it; it arrives within this time.
const TYPED_AHEAD_MS = 50
const ENDS = ['end', 'close', 'error'] as const
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control sequences (ECMA-48, 5.4)
const KEYS = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|)|./gsu

/** Asks on stderr without showing what is typed, one question after the other. */
export class Prompt {
  readonly #output: Output
  readonly #keyboard: Keyboard
  readonly #signal: AbortSignal
  readonly #interrupt: () => void
  readonly #closed = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  /** @param signal ends a question @param interrupt what Ctrl-C does; it must end the question */
  constructor(output: Output, keyboard: Keyboard, signal: AbortSignal, interrupt = () => this.close()) {
    this.#output = output
    this.#keyboard = keyboard
    this.#signal = AbortSignal.any([signal, this.#closed.signal])
    this.#interrupt = interrupt
  }

  /** @returns undefined for an empty answer, for Ctrl-D, and when the run ends */
  ask(question: string): Promise<string | undefined> {
    const asked = this.#last.then(() => this.#ask(question))
    this.#last = asked.catch(() => undefined)
    return asked
  }

  /** Ends the question that is open, and every later one. */
  close(): void {
    this.#closed.abort()
  }

  async #ask(question: string): Promise<string | undefined> {
    if (this.#signal.aborted) return undefined
    return this.#output.aside(async (write) => {
      if (this.#signal.aborted) return undefined
      const text = oneLine(question)
      const answer = await this.#read(() => write(/[:?]$/.test(text) ? `${text} ` : `${text}: `))
      write('\n')
      return answer === '' ? undefined : answer
    })
  }

  #read(show: () => void): Promise<string | undefined> {
    const keyboard = this.#keyboard
    const signal = this.#signal
    return new Promise((resolve) => {
      const line = new Line()
      let ready = false
      const typed = (chunk: Buffer) => {
        if (!ready) return
        const end = line.type(chunk)
        // what it does ends the question: an answer of its own would have the run go on a little
        if (end === 'interrupt') this.#interrupt()
        else if (end !== undefined) finish(end === 'enter' ? line.text : undefined)
      }
      const stop = () => finish(undefined)
      const timer = setTimeout(() => {
        ready = true
        show()
      }, TYPED_AHEAD_MS)
      const finish = (answer: string | undefined) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        keyboard.off('data', typed)
        for (const event of ENDS) keyboard.off(event, stop)
        keyboard.pause()
        keyboard.setRawMode?.(false)
        resolve(answer)
      }
      signal.addEventListener('abort', stop)
      for (const event of ENDS) keyboard.on(event, stop)
      keyboard.setRawMode?.(true)
      keyboard.on('data', typed)
      keyboard.resume()
    })
  }
}

/** A line that is being typed. */
class Line {
  readonly #decoder = new StringDecoder('utf8')
  #characters: string[] = []

  get text(): string {
    return this.#characters.join('')
  }

  /** @returns how the line ended, when it did; what is typed after that is no part of it */
  type(chunk: Buffer): 'enter' | 'give up' | 'interrupt' | undefined {
    for (const [key] of this.#decoder.write(chunk).matchAll(KEYS)) {
      if (key === '\r' || key === '\n') return 'enter'
      if (key === '\u0003') return 'interrupt'
      if (key === '\u0004') return 'give up'
      // Backspace, and Ctrl-U, which starts anew
      if (key === '\u007f' || key === '\b') this.#characters.pop()
      else if (key === '\u0015') this.#characters = []
      else if (key >= ' ') this.#characters.push(key)
    }
    return undefined
  }
}
