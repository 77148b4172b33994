// Makes test/world/fixtures anew, after the content of the small world has changed:
//   npx jiti test/world/make-fixtures.ts
// Needs gpg, bzip2, xz and zstd. The signing key lives only while this runs.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatsTar, nerdctlList, runcList } from './index.ts'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures')
mkdirSync(fixtures, { recursive: true })
const write = (name: string, data: string | Buffer) => writeFileSync(join(fixtures, name), data)

const tar = formatsTar()
write('cni.tar.sha256', `${createHash('sha256').update(tar).digest('hex')}\n`)
write('cni.tar.bz2', execFileSync('bzip2', ['-9c'], { input: tar }))
write('cni.tar.xz', execFileSync('xz', ['-9c'], { input: tar }))
write('cni.tar.zst', execFileSync('zstd', ['-q19c'], { input: tar }))

const home = mkdtempSync(join(tmpdir(), 'gpg-'))
try {
  // a date that has passed on every machine: gpg refuses signatures from the future
  const options = [
    '--homedir',
    home,
    '--faked-system-time',
    '20250601T000000!',
    '--batch',
    '--quiet',
    '--passphrase',
    '',
  ]
  const gpg = (args: readonly string[], input = '') => execFileSync('gpg', [...options, ...args], { input })
  gpg(['--quick-gen-key', 'Release signer <release@formats.example>', 'ed25519', 'sign', 'never'])
  write('signer.asc', gpg(['--armor', '--export']))
  write('runc.sha256sum', gpg(['--clearsign'], runcList()))
  write('SHA256SUMS', nerdctlList())
  write('SHA256SUMS.asc', gpg(['--armor', '--detach-sign'], nerdctlList()))
} finally {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'])
  rmSync(home, { recursive: true, force: true })
}
