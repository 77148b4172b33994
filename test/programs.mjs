// What the tests need beside Node, and the Debian package that brings it.
import { execFileSync, spawnSync } from 'node:child_process'

/** @type {readonly { readonly program: string, readonly debian: string, readonly for: string }[]} */
export const PROGRAMS = [
  { program: 'sshd', debian: 'openssh-server', for: 'nodes' },
  { program: 'ssh-keygen', debian: 'openssh-client', for: 'nodes' },
  { program: 'sudo', debian: 'sudo', for: 'nodes with sudo' },
  { program: 'csh', debian: 'csh', for: 'login shells of nodes' },
  { program: 'fish', debian: 'fish', for: 'login shells of nodes' },
  { program: 'nologin', debian: 'login', for: 'login shells of nodes' },
  { program: 'useradd', debian: 'passwd', for: 'users of nodes' },
  { program: 'chromium', debian: 'chromium', for: 'the HTML report' },
  { program: 'zstd', debian: 'zstd', for: 'reading archives back' },
  { program: 'tar', debian: 'tar', for: 'reading archives back' },
  { program: 'bsdtar', debian: 'libarchive-tools', for: 'reading archives back' },
  { program: 'bzip2', debian: 'bzip2', for: 'bzip2 by program' },
  { program: 'lbzip2', debian: 'lbzip2', for: 'bzip2 by program' },
  { program: 'xz', debian: 'xz-utils', for: 'the real-size world' },
  { program: 'gpg', debian: 'gnupg', for: 'signatures, the real-size world' },
  { program: 'python3', debian: 'python3', for: 'the real-size world' },
  { program: 'openssl', debian: 'openssl', for: 'TLS upstreams' },
  { program: 'curl', debian: 'curl', for: 'netrc files as curl reads them' },
  { program: 'ansible-inventory', debian: 'ansible-core', for: 'inventories as Ansible reads them' },
  { program: 'ip', debian: 'iproute2', for: 'redirects between networks, networks of nodes' },
  { program: 'tc', debian: 'iproute2', for: 'networks of nodes' },
  { program: 'nsenter', debian: 'util-linux', for: 'networks of nodes' },
  { program: 'mount', debian: 'mount', for: 'full and read-only disks' },
  { program: 'script', debian: 'bsdutils', for: 'the live list on a terminal' },
]

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`

/** @param {string} program */
function isThere(program) {
  return (
    spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { env: { ...process.env, PATH } }).status === 0
  )
}

export function missingPrograms() {
  return PROGRAMS.filter(({ program }) => !isThere(program))
}

/**
 * Installs Debian packages, where that is possible: as root on Debian. Servers are installed, not started.
 * @param {readonly string[]} packages
 * @returns {boolean} whether they are there now
 */
export function install(packages) {
  if (process.getuid?.() !== 0 || !isThere('apt-get')) return false
  const options = {
    stdio: /** @type {const} */ (['ignore', 'ignore', 'inherit']),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  }
  try {
    execFileSync('apt-get', ['update', '-qq'], options)
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
    return true
  } catch {
    return false
  }
}

/** Installs what is missing of the programs above, where that is possible. */
export function installMissing() {
  const wanted = [...new Set(missingPrograms().map(({ debian }) => debian))]
  if (wanted.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get') || install(wanted)) return
  console.warn(`could not install ${wanted.join(', ')}; the suites that need them are left out`)
}

// Run by itself, it prints the Debian packages, for `.ci/run`.
if (process.argv[1] === import.meta.filename)
  console.log([...new Set(PROGRAMS.map(({ debian }) => debian))].join(' '))
