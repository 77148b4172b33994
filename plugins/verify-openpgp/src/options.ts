import type { OptionsSchema } from '@pkgcache/core'

/** Options of verify-openpgp. */
export interface VerifyOpenpgpOptions {
  /**
   * Public keys: files (armored or binary, one or several keys each; relative to the working folder, `~` is the home
   * folder) or armored text itself.
   */
  readonly keys?: readonly string[]
  /**
   * Who may sign, by package; `*` stands for every other package whose source names a signature. Full fingerprints of
   * primary keys or of signing subkeys, spaces and case as gpg prints them.
   */
  readonly signers?: Readonly<Record<string, readonly string[]>>
}

/** 40 hex digits (RFC 4880, 12.2; RFC 9580, 5.5.4.2) or 64 (RFC 9580, 5.5.4.3). A short id can be made to collide. */
const FINGERPRINT = '^\\s*(?:(?:[0-9A-Fa-f]\\s*){40}|(?:[0-9A-Fa-f]\\s*){64})$'

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    keys: {
      type: 'array',
      description: 'Files with public keys, armored or binary, or armored text.',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
    },
    signers: {
      type: 'object',
      description: 'Fingerprints of who may sign, by package; * for every other one.',
      minProperties: 1,
      additionalProperties: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'string',
          pattern: FINGERPRINT,
          description: 'a full fingerprint: 40 hex digits, 64 of a v6 key; a key id is not enough',
        },
      },
    },
  },
  dependencies: { keys: ['signers'], signers: ['keys'] },
}

/** Who may sign a package: fingerprints as openpgp spells them, and whether it was named itself and not by `*`. */
export interface Pins {
  readonly fingerprints: readonly string[]
  readonly named: boolean
}

/** The pins of the package called by one of `names`, the first that is there; undefined when nothing is asked. */
export function pinsOf({ signers = {} }: VerifyOpenpgpOptions, names: readonly string[]): Pins | undefined {
  const name = [...names, '*'].find((candidate) => Object.hasOwn(signers, candidate))
  if (name === undefined) return undefined
  const fingerprints = (signers[name] ?? []).map((pin) => pin.replace(/\s/g, '').toLowerCase())
  return { fingerprints, named: names.includes(name) }
}
