const LIMIT = 64 * 1024

/** The last 64 KiB of a stream: a node cannot fill our memory with what its shell prints. */
export class OutputTail {
  #kept = Buffer.alloc(0)

  push(data: Buffer): void {
    const all = Buffer.concat([this.#kept, data])
    this.#kept = all.length > LIMIT ? all.subarray(all.length - LIMIT) : all
  }

  text(): string {
    return this.#kept.toString('utf8')
  }
}
