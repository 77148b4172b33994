import { Duplex } from 'node:stream'
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import type { Identity } from './connection.ts'

// draft-ietf-sshm-ssh-agent: message numbers (5.1) and flags of a signature request (5.3)
const FAILURE = 5
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
const RSA_SHA2_256 = 2
const RSA_SHA2_512 = 4
const MAX_MESSAGE = 256 * 1024

/**
 * The agent of one connection. A node may ask it to sign while, and only while, a key is lent to that node; the keys
 * themselves stay here. ssh2 has no part for this that goes on after a message it does not know, and OpenSSH sends one
 * (session-bind@openssh.com).
 */
export class LendingAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #lent = new Set<Identity>()

  /** @returns ends the loan */
  lend(identity: Identity): () => void {
    const loan = { ...identity }
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
          turn = turn.then(async () => void stream.push(framed(await this.#answer(message))))
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
    const keys = [...this.#lent].map(({ key }) => key.getPublicSSH())
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
    const loan = [...this.#lent].find(({ key }) => key.getPublicSSH().equals(blob))
    if (loan === undefined) return Buffer.from([FAILURE])
    const rsa = flags & RSA_SHA2_512 ? 'sha512' : flags & RSA_SHA2_256 ? 'sha256' : undefined
    const isRsa = loan.key.type === 'ssh-rsa'
    const algorithm = isRsa && rsa !== undefined ? `rsa-sha2-${rsa.slice(3)}` : loan.key.type
    const signed = await sign(loan, data, isRsa ? rsa : undefined)
    const signature = Buffer.concat([field(algorithm), field(signed)])
    return Buffer.concat([Buffer.from([SIGN_RESPONSE]), field(signature)])
  }
}

/** The signature as RFC 4253 6.6, RFC 5656 3.1.2 and RFC 8332 3 put it, without its name. */
async function sign(
  { key, agent }: Identity,
  data: Buffer,
  hash: 'sha256' | 'sha512' | undefined,
): Promise<Buffer> {
  if (agent === undefined) {
    const signature = key.sign(data, hash) as Buffer | Error
    if (signature instanceof Error) throw signature
    return key.type.startsWith('ecdsa-') ? fromDer(signature) : signature
  }
  const options: SigningRequestOptions = hash === undefined ? {} : { hash }
  return new Promise((resolve, reject) => {
    const done: SignCallback = (error, signature) => (signature ? resolve(signature) : reject(error))
    ssh2.createAgent(agent).sign(key, data, options, done)
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

function field(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const framed = (message: Buffer): Buffer => field(message)

/** A field at an offset, and where the next one begins. */
function take(message: Buffer, offset: number): [Buffer, number] {
  const end = offset + 4 + message.readUInt32BE(offset)
  if (end > message.length) throw new RangeError('a field ends after its message')
  return [message.subarray(offset + 4, end), end]
}
