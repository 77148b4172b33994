import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { type LockEntry, type LockEvidence, type LockSignature, lockedKey } from '../model/lock.ts'
import { PUBLIC_FILE, writeFileAtomic } from '../store/atomic.ts'
import { writeScalar } from './scalars.ts'

const HEADER = `# What each package came to: version, URLs, size and digests of the download. Written by "pkgcache lock";
# commit it. "pkgcache run --frozen" keeps to it and asks no one else.
`
/** Unquoted, they would be numbers to whoever edits or reads the file with something else. */
const ALWAYS_QUOTED = new Set(['request', 'version'])

type Field = string | number | boolean | readonly (string | LockEvidence | LockSignature)[]

/** In the order they are written: what was asked for, what it came to, how to check it. */
const FIELDS = [
  ...(['name', 'platform', 'arch', 'request', 'request_digest', 'version'] as const),
  ...(['resolved_name', 'resolved_platform', 'resolved_arch', 'source', 'urls', 'size'] as const),
  ...(['sha256', 'sha384', 'sha512', 'format', 'member', 'normalise', 'minimum_trust'] as const),
  ...(['signatures', 'evidence'] as const),
] satisfies readonly (keyof LockEntry)[]
/** The same for evidence and signatures. */
const PART_FIELDS = [
  ...(['how', 'verifier', 'summary', 'from'] as const),
  ...(['over', 'checksum_url', 'url'] as const),
]

/** The same text for the same entries, in whatever order they come. */
export function renderLockFile(entries: readonly LockEntry[]): string {
  const packages = entries.toSorted(byPlace).map((entry) => item(pick(entry, FIELDS), '  '))
  const list = packages.length === 0 ? 'packages: []\n' : `packages:\n${packages.join('')}`
  return `${HEADER}version: 1\n${list}`
}

function byPlace(a: LockEntry, b: LockEntry): number {
  const [left, right] = [a, b].map((entry) => {
    const { name, version, platform, arch } = lockedKey(entry)
    return [name, version, platform, arch, entry.request_digest].join('\n')
  }) as [string, string]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The fields that are there, in the order of `keys`. */
function pick(value: object, keys: readonly string[]): [string, Field][] {
  const fields = value as Readonly<Record<string, Field | undefined>>
  return keys.flatMap((key): [string, Field][] => {
    const field = fields[key]
    return field === undefined ? [] : [[key, field]]
  })
}

function item(fields: readonly [string, Field][], indent: string): string {
  const lines = fields.map(([key, value]) => field(key, value, `${indent}  `))
  return lines.join('').replace(`${indent}  `, `${indent}- `)
}

function field(key: string, value: Field, indent: string): string {
  if (typeof value !== 'object') return `${indent}${key}: ${writeScalar(value, ALWAYS_QUOTED.has(key))}\n`
  const inner = `${indent}  `
  const items = value.map((one) =>
    typeof one === 'string' ? `${inner}- ${writeScalar(one)}\n` : item(pick(one, PART_FIELDS), inner),
  )
  return items.length === 0 ? `${indent}${key}: []\n` : `${indent}${key}:\n${items.join('')}`
}

/** Replaces the lock file whole. @throws E_LOCK_FILE, E_NOSPC */
export async function writeLockFile(file: string, entries: readonly LockEntry[]): Promise<void> {
  try {
    await writeFileAtomic(file, renderLockFile(entries), PUBLIC_FILE)
  } catch (error) {
    throw writeFault(file, error)
  }
}

function writeFault(file: string, cause: unknown): PkgcacheError {
  const known = toPkgcacheError(cause, 'E_LOCK_FILE')
  const code = known.code === 'E_NOSPC' ? 'E_NOSPC' : 'E_LOCK_FILE'
  return new PkgcacheError(code, `${file} cannot be written: ${known.message}`, {
    hint: code === 'E_NOSPC' ? known.hint : 'check the owner and the permissions of its folder',
    cause,
  })
}
