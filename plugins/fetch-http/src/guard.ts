import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { depthOf, type Place, placeOf, shownPlace } from './addresses.ts'

/** `dns.lookup`, or a test's own. */
export type Lookup = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A name on the way of a redirect stands for an address that it must not lead to. */
export class ForbiddenAddress extends Error {
  constructor(address: string, place: Place) {
    super(`${address} is ${shownPlace(place)}`)
  }
}

/**
 * A lookup for connections that refuses places deeper than `depth`. The connection goes to the very addresses that were
 * judged: a name that changes in between (DNS rebinding) gains nothing.
 */
export function guardedLookup(depth: number, lookup: Lookup = systemLookup): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0)
      const forbidden = addresses.find(({ address }) => depthOf(placeOf(address)) > depth)
      if (forbidden !== undefined) {
        return done(new ForbiddenAddress(forbidden.address, placeOf(forbidden.address)), '', 0)
      }
      const [first] = addresses
      if (options.all || first === undefined) return done(null, addresses)
      done(null, first.address, first.family)
    })
  }
}
