import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why real signatures cannot be made here; undefined when they can. */
export function gpgAvailable(): string | undefined {
  return spawnSync('gpg', ['--version']).status === 0 ? undefined : 'there is no gpg (Debian: gnupg)'
}

/** When something is done, as `--faked-system-time` takes it. */
export type When = `${number}T${number}`

/** GnuPG with a home of its own, and no passphrases. */
export class Gpg {
  // short: the agent's socket lies in it, and socket paths have 107 bytes
  readonly home = mkdtempSync(join(tmpdir(), 'gpg-'))

  run(args: readonly string[], input: string | Uint8Array = '', when: When = '20250701T000000'): Buffer {
    const common = ['--homedir', this.home, '--faked-system-time', `${when}!`, '--no-tty', '--quiet', '--yes']
    const unattended = ['--pinentry-mode', 'loopback', '--passphrase', '']
    return execFileSync('gpg', [...common, ...unattended, ...args], {
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  /** @returns the fingerprint of a new primary key */
  key(
    name: string,
    algorithm: string,
    usage: 'sign' | 'cert' = 'sign',
    expires = 'never',
    when: When = '20250601T000000',
  ) {
    this.run(
      ['--batch', '--quick-gen-key', `${name} <${name}@x.example>`, algorithm, usage, expires],
      '',
      when,
    )
    return this.fingerprints(`=${name} <${name}@x.example>`)[0] ?? ''
  }

  /** @returns the fingerprint of a new signing subkey */
  subkey(primary: string, expires = 'never', when: When = '20250601T000000'): string {
    this.run(['--batch', '--quick-add-key', primary, 'ed25519', 'sign', expires], '', when)
    return this.fingerprints(primary).at(-1) ?? ''
  }

  /** Of the primary key and its subkeys. */
  fingerprints(name: string): string[] {
    const lines = this.run(['--with-colons', '--list-keys', name]).toString().split('\n')
    return lines.filter((line) => line.startsWith('fpr:')).map((line) => line.split(':')[9] ?? '')
  }

  /** Armored; by default with the newest self-signatures only, and without expired subkeys, as projects publish them. */
  publicKeys(names: readonly string[], options = ['--export-options', 'export-minimal']): string {
    return this.run(['--armor', ...options, '--export', ...names]).toString()
  }

  detached(by: string, data: string | Uint8Array, options: readonly string[] = [], when?: When): Buffer {
    return this.run([...options, '-u', `${by}!`, '--detach-sign'], data, when)
  }

  clearSigned(by: string, text: string, options: readonly string[] = [], when?: When): string {
    return this.run([...options, '-u', `${by}!`, '--clearsign'], text, when).toString()
  }

  /** By the certificate that gpg makes with each key. */
  revoke(fingerprint: string): void {
    const file = join(this.home, 'openpgp-revocs.d', `${fingerprint}.rev`)
    this.run(['--import'], readFileSync(file, 'utf8').replace(':-----BEGIN', '-----BEGIN'))
  }

  /** With the reason "superseded": what it signed before was good then. */
  revokeSubkey(primary: string): void {
    this.run(
      ['--command-fd', '0', '--edit-key', primary],
      'key 1\nrevkey\ny\n2\n\ny\nsave\n',
      '20250801T000000',
    )
  }

  close(): void {
    spawnSync('gpgconf', ['--homedir', this.home, '--kill', 'all'])
    rmSync(this.home, { recursive: true, force: true })
  }
}
