import type { HostKeyPolicy } from '@pkgcache/core'
import type { Place } from './connection.ts'
import type { IdentitySettings } from './identity.ts'

/** Which host keys are right. */
export interface HostKeySettings {
  readonly policy: HostKeyPolicy
  /** known_hosts files by absolute path. */
  readonly files: readonly string[]
  /** The one where new keys are recorded. */
  readonly ownFile: string | undefined
  /** What the host is called in them, when not by its address and port (HostKeyAlias of ssh_config). */
  readonly alias: string | undefined
  /** Whether names are recorded as hashes (HashKnownHosts). */
  readonly hash: boolean
  /** Algorithms as HostKeyAlgorithms of ssh_config spells them. */
  readonly algorithms: string | undefined
}

/** How a host is connected to: a node, or a host on the way. */
export interface HostSettings {
  readonly place: Place
  readonly hostKeys: HostKeySettings
  readonly identities: IdentitySettings
  /** As `ssh -J` takes it; undefined: straight. */
  readonly jump: string | undefined
  /** Local address to connect from. */
  readonly localAddress: string | undefined
  readonly family: 4 | 6 | undefined
  /** ms that connecting and logging in may take. */
  readonly connectTimeout: number
  /** ms between questions whether the host is still there. */
  readonly keepalive: number
  /** Such questions that may go without answer. */
  readonly keepaliveCount: number
}
