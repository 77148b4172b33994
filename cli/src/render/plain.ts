import {
  formatBytes,
  formatKey,
  keyId,
  type NodeResult,
  type PkgcacheError,
  type RunEvent,
} from '@pkgcache/core'
import type { Output } from '../output.ts'
import { showError, showWarning } from './errors.ts'
import { count, oneLine } from './text.ts'

/** Follows a run; told everything, shows what it finds worth it. */
export interface RunView {
  onEvent(event: RunEvent): void
  /** After the run; `complete` is false when it was cut short. */
  end(complete: boolean): Promise<void>
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

// With more nodes than this, a line each time something arrived would bury everything else.
const MANY_NODES = 20
// Some CI systems end a job that says nothing for ten minutes.
const TALLY_MS = 60_000

/** One line per thing that happened, for logs: no progress, no cursor control, a few lines per node at most. */
export class PlainView implements RunView {
  readonly #output: Output
  readonly #now: () => number
  /** Bytes of the downloads that go on, by key. */
  readonly #fetched = new Map<string, number>()
  readonly #shown = new Set<string>()
  /** With many nodes: what arrived, told from time to time. */
  #tally: { readonly nodes: Set<string>; of: number; files: number; bytes: number; told: number } | undefined

  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output
    this.#now = now
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'items' && event.nodes.length > MANY_NODES && !this.#output.verbose)
      this.#tally = { nodes: new Set(), of: event.nodes.length, files: 0, bytes: 0, told: this.#now() }
    if (event.type === 'progress' && event.stage === 'fetch') this.#fetched.set(keyId(event.item), event.done)
    if (event.type === 'stage') this.#stage(event)
    if (event.type === 'item') this.#item(event)
    if (event.type === 'delivery') this.#delivery(event.result)
  }

  async end(): Promise<void> {
    this.#tellTally()
  }

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
    if (result.state === 'failed') this.#deliveryFailed(result)
    else if (result.state === 'fallback') this.#fallback(result)
    else if (result.state === 'sent') this.#sent(result)
    else if (this.#output.verbose || ('onNode' in result && result.onNode === 'done')) {
      const what =
        result.state === 'present' ? `up to date${applied(result)}` : 'skipped, too many nodes had failed'
      this.#output.say(`${place(result)} ${what}`)
    }
  }

  #sent(result: Extract<NodeResult, { state: 'present' | 'sent' }>): void {
    const tally = this.#tally
    if (tally === undefined) {
      const how = result.via === undefined ? formatBytes(result.sentBytes) : `by node ${oneLine(result.via)}`
      this.#output.say(`${place(result)} sent ${how}${applied(result)}`)
      return
    }
    tally.nodes.add(result.node)
    tally.files++
    tally.bytes += result.sentBytes
    if (this.#now() - tally.told >= TALLY_MS) this.#tellTally()
  }

  #tellTally(): void {
    if (this.#tally === undefined || this.#tally.files === 0) return
    const { nodes, of, files, bytes } = this.#tally
    this.#output.say(
      `nodes: ${count(files, 'file')} (${formatBytes(bytes)}) sent to ${nodes.size} of ${of} so far`,
    )
    this.#tally.told = this.#now()
  }

  /** A node that is down fails every delivery in the same way: once is enough. */
  #deliveryFailed({ node, error }: Extract<NodeResult, { state: 'failed' }>): void {
    if (this.#isNew(node, 'failed', error)) this.#failed(error, `node ${node}`)
  }

  #fallback({ node, key, error }: Extract<NodeResult, { state: 'fallback' }>): void {
    if (this.#output.quiet || !this.#isNew(node, 'fallback', error)) return
    const why = `${error.code} ${error.message}`
    showWarning(this.#output, `node ${node}`, `the fallback of ${formatKey(key)} ran: ${why}`)
  }

  #isNew(node: string, state: string, error: PkgcacheError): boolean {
    const same = [node, state, error.code, ...(this.#output.verbose ? [error.message] : [])].join('\n')
    const fresh = !this.#shown.has(same)
    this.#shown.add(same)
    return fresh
  }

  /** A cancelled run says so once, at its end. */
  #failed(error: PkgcacheError, item: string): void {
    if (error.code !== 'E_ABORTED') showError(this.#output, error, item)
  }
}

/** `node cp1: runc-1.3.0-amd64.tar.zst`. */
function place({ node, key, remotePath }: NodeResult): string {
  return `node ${oneLine(node)}: ${oneLine(remotePath?.split('/').at(-1) ?? formatKey(key))}`
}

function applied({ onNode }: Extract<NodeResult, { state: 'present' | 'sent' }>): string {
  return onNode === 'done' ? ', applied' : ''
}
