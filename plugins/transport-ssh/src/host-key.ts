import { readFile } from 'node:fs/promises'
import { PkgcacheError, systemCode } from '@pkgcache/core/errors'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { chooseAlgorithms } from './algorithms.ts'
import type { Place } from './connection.ts'
import { fingerprint, type HostKey, type KnownHost, keyType, lookUpHost } from './known-hosts.ts'
import { record } from './known-hosts-file.ts'
import { quote } from './paths.ts'
import type { HostKeySettings, HostSettings } from './settings.ts'

/** Decides on the key a host shows. */
export class HostKeyCheck {
  /** In order of preference: those of the keys known for the host first, as OpenSSH orders them. */
  readonly algorithms: ServerHostKeyAlgorithm[]
  readonly #settings: HostKeySettings
  readonly #place: Place
  readonly #jump: string | undefined
  readonly #known: readonly Known[]
  #accepted: HostKey | undefined
  #isNew = false

  constructor({ hostKeys: settings, place, jump }: HostSettings, known: readonly Known[]) {
    this.#settings = settings
    this.#place = place
    this.#jump = jump
    this.#known = known
    const types = known.flatMap(({ host }) => [...host.keys, ...host.bare].map((key) => key.type))
    this.algorithms = chooseAlgorithms(types, settings.algorithms)
  }

  /** The key that was accepted. */
  get key(): Buffer | undefined {
    return this.#accepted?.blob
  }

  /** @returns nothing for a key to go on with, else the error: E_HOST_KEY, E_HOST_KEY_CHANGED, E_HOST_KEY_REVOKED */
  judge(blob: Buffer): PkgcacheError | undefined {
    const key = { type: keyType(blob) ?? 'unknown type', blob }
    // The host shows its key again whenever the connection changes its session keys.
    if (this.#accepted !== undefined && !this.#accepted.blob.equals(blob)) return this.#changed(key)
    const same = (other: HostKey) => other.blob.equals(blob)
    const revoking = this.#known.find(({ host }) => host.revoked.some(same))
    if (revoking !== undefined) return this.#revoked(key, revoking.file)
    const known = this.#known.flatMap(({ host }) => host.keys)
    const bare = known.length === 0 ? this.#known.flatMap(({ host }) => host.bare) : []
    if (![...known, ...bare].some(same)) {
      if (known.length > 0) return this.#changed(key)
      const others = this.#known.some(({ host }) => host.authorities > 0)
      if (this.#settings.policy !== 'accept-new' || others) return this.#unknown(key, others)
      this.#isNew = true
    }
    this.#accepted = key
    return undefined
  }

  /** Records a new key, once the host has proved that it has the private part. @throws E_HOST_KEY */
  async record(): Promise<void> {
    const [key, file] = [this.#accepted, this.#settings.ownFile]
    if (!this.#isNew || key === undefined) return
    this.#isNew = false
    if (file === undefined) throw this.#unknown(key, false)
    await record({ file, name: this.#name, key, hash: this.#settings.hash })
  }

  /** What the host is called in known_hosts. */
  get #name(): string {
    const { host, port } = this.#place
    return this.#settings.alias ?? (port === 22 ? host : `[${host}]:${port}`)
  }

  get #who(): string {
    return `${this.#place.host}:${this.#place.port}`
  }

  #revoked(key: HostKey, file: string): PkgcacheError {
    return new PkgcacheError(
      'E_HOST_KEY_REVOKED',
      `${this.#who} shows the host key ${shown(key)}, which ${file} revokes`,
      { hint: 'do not connect; give the node a new host key, then record that one' },
    )
  }

  #changed(key: HostKey): PkgcacheError {
    const holders = this.#known.filter(({ host }) => host.keys.length > 0)
    const known = holders.flatMap(({ host }) => host.keys)
    const files = holders.map(({ file }) => file).join(' and ')
    const otherType = known.every(({ type }) => type !== key.type)
      ? ' (only a key of another type is known)'
      : ''
    const remove = holders.map(({ file }) => `ssh-keygen -R ${quote(this.#name)} -f ${quote(file)}`)
    return new PkgcacheError(
      'E_HOST_KEY_CHANGED',
      `${this.#who} shows the host key ${shown(key)}, but ${files} has ${known.map(shown).join(', ')} for it${otherType}`,
      {
        hint: `somebody may be listening in; only if the node was reinstalled: ${remove.join('; ')}; then ${this.#scan()}`,
      },
    )
  }

  #unknown(key: HostKey, authority: boolean): PkgcacheError {
    const note = authority
      ? 'the only lines for this host are @cert-authority, and host certificates are not supported; '
      : ''
    const files = this.#known.map(({ file }) => file).join(' or ') || 'any known_hosts file'
    return new PkgcacheError(
      'E_HOST_KEY',
      `${this.#who} shows the host key ${shown(key)}, which is not in ${files}`,
      {
        hint: `${note}compare the fingerprint with the node's own (ssh-keygen -lf on its host key), then ${this.#scan()}`,
      },
    )
  }

  /** How the key shown gets into the file. */
  #scan(): string {
    const { host, port } = this.#place
    const { ownFile, alias } = this.#settings
    if (this.#jump !== undefined || alias !== undefined) {
      const options = [
        ...(this.#jump === undefined ? [] : [`-J ${quote(this.#jump)}`]),
        ...(alias === undefined ? [] : [`-o ${quote(`HostKeyAlias ${alias}`)}`]),
        ...(ownFile === undefined ? [] : [`-o ${quote(`UserKnownHostsFile ${ownFile}`)}`]),
      ]
      return `record it by logging in once: ssh ${options.join(' ')} -p ${port} ${quote(host)}`
    }
    const into = ownFile === undefined ? '' : ` >> ${quote(ownFile)}`
    return `record it: ssh-keyscan -p ${port} ${quote(host)}${into}`
  }
}

/** What one file says of the host. */
interface Known {
  readonly file: string
  readonly host: KnownHost
}

/**
 * Reads the known_hosts files of a host.
 * @throws E_HOST_KEY when one is there and cannot be read
 */
export async function hostKeyCheck(settings: HostSettings): Promise<HostKeyCheck> {
  const { place } = settings
  const { files, ownFile, alias } = settings.hostKeys
  const known = files.map(async (file) => {
    const text = await readKnownHosts(file)
    if (text === undefined && file !== ownFile) return []
    return [{ file, host: lookUpHost(text ?? '', alias ?? place.host, alias ? 22 : place.port) }]
  })
  return new HostKeyCheck(settings, (await Promise.all(known)).flat())
}

function shown(key: HostKey): string {
  return `${key.type} ${fingerprint(key.blob)}`
}

async function readKnownHosts(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw new PkgcacheError('E_HOST_KEY', `the known hosts in ${file} cannot be read`, {
      cause,
      hint: 'check that it is a file and readable; host keys are never taken unchecked',
    })
  }
}
