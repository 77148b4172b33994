const MAX_HOPS = 40

/**
 * All symbolic links of an archive. A link may look harmless by itself and still lead out through another one,
 * in whatever order they come, so they are followed together at the end.
 */
export class LinkGraph {
  readonly #targets = new Map<string, string>()

  /** @param path clean path of the link */
  add(path: string, target: string): void {
    this.#targets.set(path, target)
  }

  /** The first link that leads out of the archive, or round in circles. */
  firstFault(): { readonly path: string; readonly why: string } | undefined {
    for (const [path, target] of this.#targets) {
      const why = this.#follow(path, target)
      if (why) return { path, why: `is a link to ${JSON.stringify(target)}, ${why}` }
    }
    return undefined
  }

  #follow(path: string, target: string): string | undefined {
    const place = path.split('/').slice(0, -1)
    const left = target.split('/')
    let hops = 0
    while (left.length > 0) {
      const segment = left.shift()
      if (segment === '' || segment === '.' || segment === undefined) continue
      if (segment === '..') {
        if (place.pop() === undefined) return 'which leads out of the archive'
        continue
      }
      place.push(segment)
      const next = this.#targets.get(place.join('/'))
      if (next === undefined) continue
      if (++hops > MAX_HOPS) return 'which goes round in circles'
      place.pop()
      left.unshift(...next.split('/'))
    }
    return undefined
  }
}
