import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { NodeConfig } from '@pkgcache/core'
import {
  addTestUser,
  mountSmallDisk,
  type SmallDisk,
  type Sshd,
  type SshdOptions,
  startSshd,
  startTcpProxy,
  type TcpProxy,
  type TcpProxyOptions,
  type TestUser,
} from '@pkgcache/core/testing'
import { noise } from '../stand.ts'

/** Where the artifact of every case goes, below a node's root. */
export const TARGET = 'payload/payload-1.0.0-amd64.tar.zst'
/** What stands there before, but where a case says other. */
export const OLD = noise('what was delivered before', 20_000)

/** Where cases get nodes from, and what can go wrong on them. All of it goes when the site is closed. */
export interface Site {
  /** Home folder of the commands: with an SSH config, and without keys. */
  readonly home: string
  /** Bytes of the artifact. */
  readonly size: number
  /** Hex. */
  readonly sha256: string
  /** A folder with `OLD` in it at `TARGET`. @param owner default: who runs this */
  root(owner?: TestUser): Promise<string>
  /** An empty folder that nobody sees but the case. */
  folder(): Promise<string>
  /** The server that most cases share. */
  readonly sshd: Sshd
  server(options: SshdOptions): Promise<Sshd>
  proxy(sshd: Sshd, options: Partial<TcpProxyOptions>): Promise<TcpProxy>
  user(shell?: string, groups?: readonly string[]): TestUser
  /** A disk with `OLD` on it. */
  disk(bytes: number): Promise<SmallDisk>
  /** A private key that no node knows. */
  key(): Promise<string>
  /** The key of the shared server, encrypted. */
  encryptedKey(): Promise<string>
  /** A node on a server, which is known whatever its port. */
  on(sshd: Sshd, root: string, more?: Partial<NodeConfig>): Promise<NodeConfig>
  /** Does something more when the site is closed. */
  atEnd(end: () => unknown): void
  close(): Promise<void>
}

export async function openSite(artifact: { readonly size: number; readonly sha256: string }): Promise<Site> {
  const base = await mkdtemp(join(tmpdir(), 'pkgcache-site-'))
  const ends: (() => unknown)[] = []
  let made = 0
  const folder = async () => {
    const path = join(base, `folder-${++made}`)
    await mkdir(path)
    return path
  }
  const server = async (options: SshdOptions) => {
    const sshd = await startSshd(options)
    ends.push(() => sshd.stop())
    return sshd
  }
  // users look for what is theirs below it
  execFileSync('chmod', ['755', base])
  const home = await folder()
  await mkdir(join(home, '.ssh'), { mode: 0o700 })
  const shared = await server({ config: ['MaxStartups 300'] })
  return {
    ...artifact,
    home,
    folder,
    server,
    sshd: shared,
    async root(owner) {
      const path = await folder()
      await putOld(path)
      if (owner !== undefined) execFileSync('chown', ['-R', owner.name, path])
      return path
    },
    async proxy(sshd, options) {
      const proxy = await startTcpProxy({ host: sshd.host, port: sshd.port, ...options })
      ends.push(() => proxy.close())
      return proxy
    },
    user(shell, groups) {
      const user = addTestUser(shell, groups)
      ends.push(() => user.remove())
      return user
    },
    async disk(bytes) {
      const disk = mountSmallDisk(bytes)
      ends.push(() => disk.remove())
      await putOld(disk.path)
      return disk
    },
    async key() {
      const file = join(await folder(), 'key')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
      return file
    },
    async encryptedKey() {
      const file = join(await folder(), 'key')
      await copyFile(shared.identityFile, file)
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'a secret', '-f', file])
      return file
    },
    async on({ host, port, user, identityFile, knownHosts, folder: own }, root, more) {
      const any = join(own, 'known_as_any')
      await writeFile(any, (await readFile(knownHosts, 'utf8')).replace(/^\S+/gm, '*'))
      return { host, port, user, identityFile, knownHosts: any, root, ...more }
    },
    atEnd: (end) => void ends.push(end),
    async close() {
      // the newest first: what stands on something else goes before it
      for (const end of ends.reverse()) await end()
      await rm(base, { recursive: true, force: true })
    },
  }
}

async function putOld(root: string): Promise<void> {
  const file = join(root, TARGET)
  await mkdir(dirname(file))
  await writeFile(file, OLD)
}

/** Bytes of the part below a root, 0 without one. Asked while bytes pass a proxy, so it does not wait. */
export function partSize(root: string): number {
  const folder = join(root, dirname(TARGET))
  const part = readdirSync(folder).find((name) => name.endsWith('.part'))
  return (part && statSync(join(folder, part), { throwIfNoEntry: false })?.size) || 0
}
