import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './programs.ts'

/** A user of this machine for a test. */
export interface TestUser {
  readonly name: string
  /** An empty folder of its own. */
  readonly home: string
  /** Removes the user and the home folder. Its processes must have ended. */
  remove(): void
}

/** Why `addTestUser` cannot work here; undefined when it can. */
export function testUsersAvailable(): string | undefined {
  if (process.getuid?.() !== 0) return 'adding a user needs root'
  const missing = ['useradd', 'userdel'].find((name) => findProgram(name) === undefined)
  return missing && `no ${missing} binary (Debian: passwd)`
}

// names say whose they are, so that those of a process that was killed are found
const PREFIX = 'pkgc'

/**
 * Adds a user that can log in with a key, without password and without any other right.
 * @param shell absolute path of its login shell
 * @param groups that it is a member of, beside the usual one
 */
export function addTestUser(shell = '/bin/sh', groups: readonly string[] = []): TestUser {
  removeStale()
  const home = mkdtempSync(join(tmpdir(), 'pkgcache-home-'))
  const name = `${PREFIX}${process.pid}-${home.slice(-6).toLowerCase()}`
  // "*" is no password, but not the "!" of a locked account, which sshd turns away
  change('useradd', ['-M', '-N', '-d', home, '-s', shell, '-p', '*', '-G', groups.join(','), name])
  execFileSync('chown', ['-R', name, home])
  return {
    name,
    home,
    remove() {
      change('userdel', [name])
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Those of test processes that are gone. */
function removeStale(): void {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , , , , home = ''] = line.split(':')
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue
    spawnSync(findProgram('userdel') ?? 'userdel', [name])
    if (home.startsWith(join(tmpdir(), 'pkgcache-home-'))) rmSync(home, { recursive: true, force: true })
  }
}

/** The files of users are locked while another process changes them; a user’s last process may take a moment to go. */
function change(program: string, args: readonly string[]): void {
  const path = findProgram(program) ?? program
  for (let attempt = 1; ; attempt++) {
    const { status, stderr } = spawnSync(path, args, { encoding: 'utf8' })
    if (status === 0) return
    if (attempt === 50 || !/lock|currently used/.test(stderr))
      throw new Error(`${program} ended with ${status}: ${stderr}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
}
