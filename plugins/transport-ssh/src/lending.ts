import { sign as signWith } from 'node:crypto'
import { Duplex } from 'node:stream'
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { keyType } from './known-hosts.ts'

// draft-ietf-sshm-ssh-agent: message numbers (5.1) and flags of a signature request (5.3)
const FAILURE = 5
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
const RSA_SHA2_256 = 2
const RSA_SHA2_512 = 4
const MAX_MESSAGE = 256 * 1024

/** A key that can be lent, as it can cross threads: its public part as on the wire, and what signs for it. */
export type Lendable =
  | { readonly blob: Uint8Array; readonly pem: string }
  | { readonly blob: Uint8Array; readonly agent: string }

/**
 * The agent of one connection. A node may ask it to sign while, and only while, a key is lent to that node; the keys
 * themselves stay here. ssh2 has no part for this that goes on after a message it does not know, and OpenSSH sends one
 * (session-bind@openssh.com).
 */
export class LendingAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #lent = new Set<Lendable>()

  /** @returns ends the loan */
  lend(key: Lendable): () => void {
    const loan = { ...key }
    this.#lent.add(loan)
    return () => void this.#lent.delete(loan)
  }

  /** Nobody logs in with it from here. */
  override getIdentities(callback: (error: null, keys: ParsedKey[]) => void): void {
    callback(null, [])
  }

  override sign(_key: ParsedKey, _data: Buffer, options: unknown, callback?: SignCallback): void {
    const answer = callback ?? (options as SignCallback)
    answer(new Error('it holds no key of its own'))
  }

  /** What a node talks to through the connection. */
  override getStream(callback: (error: undefined, stream: Duplex) => void): void {
    let received = Buffer.alloc(0)
    let turn: Promise<void> = Promise.resolve()
    const stream = new Duplex({
      read: () => undefined,
      write: (data: Buffer, _encoding, done) => {
        received = Buffer.concat([received, data])
        while (received.length >= 4) {
          const length = received.readUInt32BE(0)
          if (length > MAX_MESSAGE) return done(new Error('too long a message'))
          if (received.length < 4 + length) break
          const message = received.subarray(4, 4 + length)
          received = received.subarray(4 + length)
          turn = turn.then(async () => void stream.push(field(await this.#answer(message))))
        }
        done()
      },
    })
    stream.on('error', () => undefined)
    callback(undefined, stream)
  }

  async #answer(message: Buffer): Promise<Buffer> {
    try {
      if (message[0] === REQUEST_IDENTITIES) return this.#identities()
      if (message[0] === SIGN_REQUEST) return await this.#signature(message)
    } catch {
      // a request that cannot be read or met: the node is told no more than that
    }
    return Buffer.from([FAILURE])
  }

  #identities(): Buffer {
    const keys = [...this.#lent].map(({ blob }) => blob)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(keys.length)
    const comment = field('pkgcache')
    return Buffer.concat([
      Buffer.from([IDENTITIES_ANSWER]),
      count,
      ...keys.flatMap((key) => [field(key), comment]),
    ])
  }

  async #signature(message: Buffer): Promise<Buffer> {
    const [blob, afterBlob] = take(message, 1)
    const [data, afterData] = take(message, afterBlob)
    const flags = message.readUInt32BE(afterData)
    const loan = [...this.#lent].find((one) => blob.equals(one.blob))
    const type = keyType(blob)
    if (loan === undefined || type === undefined) return Buffer.from([FAILURE])
    const rsa = flags & RSA_SHA2_512 ? 'sha512' : flags & RSA_SHA2_256 ? 'sha256' : undefined
    const hash = type === 'ssh-rsa' ? rsa : undefined
    const signed =
      'pem' in loan ? signWithKey(type, loan.pem, data, hash) : await signWithAgent(loan, data, hash)
    const signature = [field(hash === undefined ? type : `rsa-sha2-${hash.slice(3)}`), field(signed)]
    return Buffer.concat([Buffer.from([SIGN_RESPONSE]), field(Buffer.concat(signature))])
  }
}

type Hash = 'sha256' | 'sha512' | undefined

/** RFC 5656 6.2.1 */
const CURVE_HASH: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/** A signature as RFC 8709 6, RFC 5656 3.1.2 and RFC 8332 3 put it, without its name. */
function signWithKey(type: string, pem: string, data: Buffer, hash: Hash): Buffer {
  const curve = CURVE_HASH[type]
  if (curve !== undefined) return fromDer(signWith(curve, data, pem))
  return type === 'ssh-ed25519' ? signWith(null, data, pem) : signWith(hash ?? 'sha1', data, pem)
}

function signWithAgent(
  { agent, blob }: Extract<Lendable, { readonly agent: string }>,
  data: Buffer,
  hash: Hash,
): Promise<Buffer> {
  const options: SigningRequestOptions = hash === undefined ? {} : { hash }
  return new Promise((resolve, reject) => {
    const done: SignCallback = (error, signature) => (signature ? resolve(signature) : reject(error))
    ssh2.createAgent(agent).sign(Buffer.from(blob), data, options, done)
  })
}

/** `SEQUENCE { INTEGER r, INTEGER s }` as two mpints: their contents are the same. */
function fromDer(der: Buffer): Buffer {
  const start = der.readUInt8(1) & 0x80 ? 3 : 2
  const sLength = start + 2 + der.readUInt8(start + 1)
  const r = der.subarray(start + 2, sLength)
  const s = der.subarray(sLength + 2, sLength + 2 + der.readUInt8(sLength + 1))
  return Buffer.concat([field(r), field(s)])
}

/** Bytes after their length: a field of a message, and a message itself. */
function field(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A field at an offset, and where the next one begins. */
function take(message: Buffer, offset: number): [Buffer, number] {
  const end = offset + 4 + message.readUInt32BE(offset)
  if (end > message.length) throw new RangeError('a field ends after its message')
  return [message.subarray(offset + 4, end), end]
}
