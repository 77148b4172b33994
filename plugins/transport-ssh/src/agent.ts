import { connect } from 'node:net'
import ssh2, { type BaseAgent, type ParsedKey, type SignCallback } from 'ssh2'
import { keyType, readField } from './known-hosts.ts'

/** A key that an agent holds. */
export interface AgentKey {
  /** Public key as on the wire. */
  readonly blob: Buffer
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, … */
  readonly type: string
  readonly comment: string
  /** Absent for the types that ssh2 cannot use: hardware keys, certificates. */
  readonly key?: ParsedKey | undefined
}

// draft-ietf-sshm-ssh-agent, 3: message numbers
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const MAX_ANSWER = 4 * 1024 * 1024

/** An agent asks nobody before it lists its keys: one that takes longer than this, in ms, is dead. */
const TIMEOUT = 3000

/** The keys of the agent behind a socket, in its own order; undefined when nobody answers there as an agent would. */
export async function agentKeys(socket: string): Promise<readonly AgentKey[] | undefined> {
  const answer = await ask(socket)
  return answer === undefined ? undefined : parseAnswer(answer)
}

function ask(path: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let received = Buffer.alloc(0)
    const done = (answer?: Buffer) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(done, TIMEOUT)
    socket.on('error', () => done()).on('close', () => done())
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES])))
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      if (received.length < 4) return
      const length = received.readUInt32BE(0)
      if (length > MAX_ANSWER) done()
      else if (received.length >= length + 4) done(received.subarray(4, length + 4))
    })
  })
}

function parseAnswer(answer: Buffer): AgentKey[] | undefined {
  if (answer.length < 5 || answer[0] !== IDENTITIES_ANSWER) return undefined
  const keys: AgentKey[] = []
  let offset = 5
  const next = (): Buffer | undefined => {
    const field = readField(answer, offset)
    offset += 4 + (field?.length ?? 0)
    return field
  }
  for (let left = answer.readUInt32BE(1); left > 0; left--) {
    const [blob, comment] = [next(), next()]
    if (blob === undefined || comment === undefined) return undefined
    const parsed = ssh2.utils.parseKey(blob)
    const key = parsed instanceof Error ? undefined : parsed
    keys.push({ blob, type: keyType(blob) ?? 'unknown type', comment: comment.toString(), key })
  }
  return keys
}

/** The agent behind a socket as if it held this one key: so it is known which key let us in. */
export function oneKeyAgent(socket: string, key: ParsedKey): BaseAgent<ParsedKey> {
  const agent = ssh2.createAgent(socket) as BaseAgent<ParsedKey>
  agent.getIdentities = (callback) => callback(undefined, [key])
  return agent
}

/** Shows a key and does not sign with it: `onAccepted` is told when the host would take it. */
export class ShownKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey
  readonly #onAccepted: () => void

  constructor(key: ParsedKey, onAccepted: () => void) {
    super()
    this.#key = key
    this.#onAccepted = onAccepted
  }

  getIdentities(callback: (error: null, keys: ParsedKey[]) => void): void {
    callback(null, [this.#key])
  }

  sign(_key: ParsedKey, _data: Buffer, options: unknown, callback?: SignCallback): void {
    this.#onAccepted()
    const answer = callback ?? (options as SignCallback)
    answer(new Error('its passphrase is not known yet'))
  }
}
