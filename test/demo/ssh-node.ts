import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import ssh2, { type Connection, type ParsedKey, type ServerChannel, type Session } from 'ssh2'
import { serveFolder } from './sftp-folder.ts'

/** A node of this process: an SSH server on 127.0.0.1 that needs neither root nor sshd. */
export interface DemoNode {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Private key that it lets in, made for this node. */
  readonly identityFile: string
  /** known_hosts file with its key. */
  readonly knownHosts: string
  /** The real folder that it serves; SFTP sees nothing else. */
  readonly root: string
  close(): Promise<void>
}

const USER = 'demo'

/**
 * Starts one. It does not keep the process alive; its keys are removed by `close` or when the process ends.
 * @param options.root made when missing
 */
export async function startDemoNode(options: { readonly root: string }): Promise<DemoNode> {
  const root = resolve(options.root)
  await mkdir(root, { recursive: true })
  const keys = await mkdtemp(join(tmpdir(), 'pkgcache-demo-'))
  const hostKey = generateKeys()
  const userKey = generateKeys()
  const allowed = parseKey(userKey.public)
  const connections = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection)
    connection.on('error', () => undefined).on('close', () => connections.delete(connection))
    serveConnection(connection, allowed, root)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const identityFile = join(keys, 'id_ed25519')
  const knownHosts = join(keys, 'known_hosts')
  await writeFile(identityFile, userKey.private, { mode: 0o600 })
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${hostKey.public}\n`)
  const removeKeys = () => rmSync(keys, { recursive: true, force: true })
  process.once('exit', removeKeys)
  return {
    host: '127.0.0.1',
    port,
    user: USER,
    identityFile,
    knownHosts,
    root,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      for (const connection of connections) connection.end()
      await closed
      process.off('exit', removeKeys)
      await rm(keys, { recursive: true, force: true })
    },
  }
}

/** One pair of 200 that ssh2 1.17 makes is malformed, by its own judgement. */
function generateKeys(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

function parseKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}

function serveConnection(connection: Connection, allowed: ParsedKey, root: string): void {
  connection.on('authentication', (attempt) => {
    if (attempt.method !== 'publickey' || attempt.username !== USER) return attempt.reject(['publickey'])
    const known = attempt.key.data.equals(allowed.getPublicSSH())
    // Without a signature the client only asks whether it need try this key (RFC 4252 7).
    const proven =
      attempt.signature === undefined ||
      attempt.blob === undefined ||
      allowed.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true
    if (known && proven) attempt.accept()
    else attempt.reject(['publickey'])
  })
  connection.on('session', (accept) => serveSession(accept(), root))
}

function serveSession(session: Session, root: string): void {
  session.on('sftp', (accept) => serveFolder(accept(), root))
  session.on('exec', (accept, _reject, info) => runCommand(accept(), info.command))
}

/** Really runs it, as a node's login shell would. */
function runCommand(channel: ServerChannel, command: string): void {
  const child = spawn('sh', ['-c', command], { stdio: 'pipe' })
  child.stdin.on('error', () => undefined)
  channel.on('error', () => undefined)
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  channel.on('close', () => child.kill())
  child.on('error', () => channel.close())
  child.on('close', (code) => {
    channel.exit(code ?? 1)
    channel.end()
  })
}
