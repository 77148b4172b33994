import { PkgcacheError } from '../errors/error.ts'

/** What identifies one cached artifact. */
export interface PackageKey {
  readonly name: string
  readonly version: string
  /** `linux`, `darwin`, `win32`, … as Node's `process.platform` spells it. */
  readonly platform: string
  /** As the package's project spells it; Go's names for the Kubernetes packages: `amd64`, `arm64`. */
  readonly arch: string
}

const MAX_LENGTH = 128
// all four end up in one file name, which filesystems take up to 255 bytes of
const MAX_KEY_LENGTH = 200
// Each part becomes a path segment, on the node too: no separators, no leading dot or dash, no control characters.
const RULES = {
  name: { pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]*$/, allowed: 'letters, digits, ".", "_", "+" and "-"' },
  version: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/,
    allowed: 'letters, digits, ".", "_", "+", "~" and "-"',
  },
  platform: { pattern: /^[a-z][a-z0-9_]*$/, allowed: 'lower-case letters, digits and "_"' },
  // No dash: the arch is what follows the last one in a flat file name.
  arch: { pattern: /^[A-Za-z0-9][A-Za-z0-9_.]*$/, allowed: 'letters, digits, "_" and "."' },
  /** A kept download's own file name. */
  file: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._+~@-]*$/,
    allowed: 'letters, digits, ".", "_", "+", "~", "@" and "-"',
  },
} as const
/** What a name is used as; each has its own rule. */
export type NamePart = keyof typeof RULES

/**
 * Checks one part of a key before it comes near a path.
 * @throws E_NAME
 */
export function checkName(part: NamePart, value: string): void {
  const rule = RULES[part]
  if (value.length <= MAX_LENGTH && rule.pattern.test(value) && !value.endsWith('.')) return
  throw new PkgcacheError('E_NAME', `${JSON.stringify(value.slice(0, 200))} cannot be used as a ${part}`, {
    hint: `use ${rule.allowed}, starting with a letter or digit, at most ${MAX_LENGTH} characters`,
  })
}

const KEY_PARTS = ['name', 'version', 'platform', 'arch'] as const

/** @throws E_NAME at the first part that is not valid, and for parts that are too long together */
export function checkKey(key: PackageKey): void {
  for (const part of KEY_PARTS) checkName(part, key[part])
  const text = keyId(key)
  // a capital is escaped in the name of the record
  const length = text.length + text.replace(/[^A-Z]/g, '').length
  if (length <= MAX_KEY_LENGTH) return
  throw new PkgcacheError('E_NAME', `name, version, platform and arch have ${length} characters together`, {
    hint: `a file name has room for ${MAX_KEY_LENGTH}, capitals counted twice`,
  })
}

/** How an item is written in messages: `containerd@2.1.0 linux/amd64`. */
export function formatKey(key: PackageKey): string {
  return `${key.name}@${key.version} ${key.platform}/${key.arch}`
}

/** A key as one string, unique per key: no part can hold an "@" or a "/". */
export function keyId(key: PackageKey): string {
  return `${key.name}@${key.version}@${key.platform}@${key.arch}`
}

/** A version without the `v` that some projects put before it: `v1.33.1` and `1.33.1` are one. */
export function plainVersion(version: string): string {
  return /^v\d/.test(version) ? version.slice(1) : version
}
