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
  /** Keys under the name without the port; they count while there are no `keys`, and prove nothing against others. */
  readonly bare: readonly HostKey[]
  /** From `@revoked` lines: never accepted. */
  readonly revoked: readonly HostKey[]
  /** Number of `@cert-authority` lines for the host. */
  readonly authorities: number
}

interface Line {
  readonly marker: string | undefined
  readonly key: HostKey
}

type Gathered = Omit<KnownHost, 'bare'>

/**
 * What `text`, in the format of sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT", says of a host. Lines that are not of that format
 * are passed over, as OpenSSH does. On a port other than 22 the name is `[host]:port`; a line for the bare
 * host counts only when there is none for that (ssh's "checking without port identifier"). A key that is revoked
 * under the bare name is revoked on every port, which is stricter than OpenSSH.
 */
export function lookUpHost(text: string, host: string, port: number): KnownHost {
  const lines = text.split('\n')
  const name = host.toLowerCase()
  if (port === 22) return { ...gather(lines, name), bare: [] }
  const exact = gather(lines, `[${name}]:${port}`)
  const plain = gather(lines, name)
  return {
    keys: exact.keys,
    bare: plain.keys,
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
  return readField(blob, 0)?.toString('latin1') || undefined
}

/** A field of RFC 4251's type `string`; undefined when the bytes end before it does. */
export function readField(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + 4 > bytes.length) return undefined
  const end = offset + 4 + bytes.readUInt32BE(offset)
  return end > bytes.length ? undefined : bytes.subarray(offset + 4, end)
}

function gather(lines: readonly string[], name: string): Gathered {
  const mine = lines.flatMap((line) => parseLine(line, name) ?? [])
  const keysOf = (marker: string | undefined) =>
    mine.filter((line) => line.marker === marker).map((line) => line.key)
  return {
    keys: keysOf(undefined),
    revoked: keysOf('@revoked'),
    authorities: keysOf('@cert-authority').length,
  }
}

/** The key of a line that is for `name`. Others are not decoded: the file may have thousands of them. */
function parseLine(line: string, name: string): Line | undefined {
  const fields = line.trim().split(/[ \t]+/, 4)
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  const [names, type, encoded] = fields
  if (names === undefined || names.startsWith('#') || type === undefined || encoded === undefined)
    return undefined
  if (!matches(names, name)) return undefined
  const blob = Buffer.from(encoded, 'base64')
  return keyType(blob) === type ? { marker, key: { type, blob } } : undefined
}

function matches(names: string, host: string): boolean {
  if (names.startsWith('|')) return matchesHashed(names, host)
  return matchesList(names.toLowerCase().split(','), host)
}

/** Whether a name is chosen by patterns of ssh_config(5) "PATTERNS": one that matches is enough, one after `!` excludes. */
export function matchesList(patterns: readonly string[], name: string): boolean {
  let found = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue
    if (negated) return false
    found = true
  }
  return found
}

function matchesPattern(pattern: string, name: string): boolean {
  return /[*?]/.test(pattern) ? wildcard(pattern).test(name) : pattern === name
}

/** `|1|salt|hash`: HMAC-SHA1 of the name keyed with the salt (ssh-keygen -H). */
function matchesHashed(names: string, host: string): boolean {
  const [, version, salt, hash] = names.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  const expected = Buffer.from(hash, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(host).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** `*` and `?` of ssh_config(5) "PATTERNS". */
export function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}
