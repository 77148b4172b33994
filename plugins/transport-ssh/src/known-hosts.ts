import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A public key, as known_hosts and the wire spell it. */
export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly type: string
  readonly blob: Buffer
}

/** What a known_hosts file says of one host. */
export interface KnownHost {
  readonly keys: readonly HostKey[]
  /** From `@revoked` lines: never accepted. */
  readonly revoked: readonly HostKey[]
  /** Number of `@cert-authority` lines for the host. */
  readonly authorities: number
}

interface Line {
  readonly marker: string | undefined
  readonly names: string
  readonly key: HostKey
}

/**
 * What `text`, in the format of sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT", says of a host. Lines that are not of that format
 * are passed over, as OpenSSH does. On a port other than 22 the name is `[host]:port`; a line for the bare
 * host counts only when there is none for that (ssh's "checking without port identifier").
 */
export function lookUpHost(text: string, host: string, port: number): KnownHost {
  const lines = text.split('\n').flatMap((line) => parseLine(line) ?? [])
  const bare = host.toLowerCase()
  const exact = gather(lines, port === 22 ? bare : `[${bare}]:${port}`)
  if (port === 22) return exact
  const plain = gather(lines, bare)
  return {
    keys: exact.keys.length > 0 ? exact.keys : plain.keys,
    revoked: [...exact.revoked, ...plain.revoked],
    authorities: exact.authorities + plain.authorities,
  }
}

/** The fingerprint OpenSSH shows: `SHA256:` and unpadded base64. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The type a public key blob names in its first field (RFC 4253 6.6). */
export function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined
  const length = blob.readUInt32BE(0)
  return length > 0 && length <= blob.length - 4 ? blob.toString('latin1', 4, 4 + length) : undefined
}

function gather(lines: readonly Line[], name: string): KnownHost {
  const mine = lines.filter((line) => matches(line.names, name))
  const keysOf = (marker: string | undefined) =>
    mine.filter((line) => line.marker === marker).map((line) => line.key)
  return {
    keys: keysOf(undefined),
    revoked: keysOf('@revoked'),
    authorities: keysOf('@cert-authority').length,
  }
}

function parseLine(line: string): Line | undefined {
  const fields = line.trim().split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  const [names, type, encoded] = fields
  if (names === undefined || names.startsWith('#') || type === undefined || encoded === undefined)
    return undefined
  const blob = Buffer.from(encoded, 'base64')
  return keyType(blob) === type ? { marker, names, key: { type, blob } } : undefined
}

function matches(names: string, host: string): boolean {
  if (names.startsWith('|')) return matchesHashed(names, host)
  let found = false
  for (const pattern of names.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!')
    if (!wildcard(negated ? pattern.slice(1) : pattern).test(host)) continue
    if (negated) return false
    found = true
  }
  return found
}

/** `|1|salt|hash`: HMAC-SHA1 of the name keyed with the salt (ssh-keygen -H). */
function matchesHashed(names: string, host: string): boolean {
  const [, version, salt, hash] = names.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  const expected = Buffer.from(hash, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(host).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}
