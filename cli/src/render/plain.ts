import {
  formatBytes,
  formatKey,
  keyId,
  type NodeResult,
  type PkgcacheError,
  type RunEvent,
} from '@pkgcache/core'
import type { Output } from '../output.ts'
import { showError } from './errors.ts'
import { oneLine } from './text.ts'

/** Follows a run; told everything, shows what it finds worth it. */
export interface RunView {
  onEvent(event: RunEvent): void
  /** After the run; `complete` is false when it was cut short. */
  end(complete: boolean): Promise<void>
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** One line per thing that happened, for logs: no progress, no cursor control. */
export class PlainView implements RunView {
  readonly #output: Output
  /** Bytes of the downloads that go on, by key. */
  readonly #fetched = new Map<string, number>()
  readonly #shown = new Set<string>()

  constructor(output: Output) {
    this.#output = output
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'progress' && event.stage === 'fetch') this.#fetched.set(keyId(event.item), event.done)
    if (event.type === 'stage') this.#stage(event)
    if (event.type === 'item') this.#item(event)
    if (event.type === 'delivery') this.#delivery(event.result)
  }

  async end(): Promise<void> {}

  /** A download is over when the next stage begins. */
  #stage({ item, stage }: EventOf<'stage'>): void {
    const bytes = this.#fetched.get(keyId(item))
    if (stage === 'fetch' || bytes === undefined) return
    this.#fetched.delete(keyId(item))
    this.#output.say(`${formatKey(item)}  fetched ${formatBytes(bytes)}`)
  }

  #item({ result }: EventOf<'item'>): void {
    if (result.state === 'failed') this.#failed(result.error, formatKey(result.key))
    if (result.state === 'cached' && this.#output.verbose)
      this.#output.say(`${formatKey(result.key)}  up to date`)
    if (result.state !== 'published') return
    const { file, size, trust, served_by } = result.record
    const what = `published ${file} (${formatBytes(size)}, ${trust})`
    this.#output.say(`${formatKey(result.key)}  ${what} from ${oneLine(served_by)}`)
  }

  #delivery(result: NodeResult): void {
    if (result.state === 'failed') {
      this.#deliveryFailed(result)
      return
    }
    const file = result.remotePath?.split('/').at(-1) ?? formatKey(result.key)
    const line = `node ${oneLine(result.node)}: ${oneLine(file)}`
    if (result.state === 'sent') this.#output.say(`${line} sent ${formatBytes(result.sentBytes)}`)
    else if (this.#output.verbose) this.#output.say(`${line} up to date`)
  }

  /** A node that is down fails every delivery with the same words: once is enough. */
  #deliveryFailed(result: Extract<NodeResult, { state: 'failed' }>): void {
    const same = `${result.node}\n${result.error.code}\n${result.error.message}`
    if (!this.#shown.has(same)) this.#failed(result.error, `node ${result.node}`)
    this.#shown.add(same)
  }

  /** A cancelled run says so once, at its end. */
  #failed(error: PkgcacheError, item: string): void {
    if (error.code !== 'E_ABORTED') showError(this.#output, error, item)
  }
}
