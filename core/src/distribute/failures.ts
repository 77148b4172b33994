/** Nodes that failed, against how many may: once there are more, no further node is begun. */
export class Failures {
  readonly #most: number
  readonly #nodes = new Set<string>()

  /** @param most undefined: any number */
  constructor(most: number | undefined) {
    this.#most = most ?? Number.POSITIVE_INFINITY
  }

  add(node: string): void {
    this.#nodes.add(node)
  }

  get areTooMany(): boolean {
    return this.#nodes.size > this.#most
  }
}
