import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftOut } from '../../testing/left-out.ts'
import { findProgram, linkPrograms } from '../../testing/programs.ts'
import { type Sshd, sshdAvailable, startSshd } from '../../testing/sshd.ts'
import { addTestUser, testUsersAvailable } from '../../testing/users.ts'

const SUITE = 'sshd of the test kit'

function login(sshd: Sshd, user = sshd.user): string[] {
  const known = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'BatchMode=yes']
  return ['-q', ...known, '-i', sshd.identityFile, '-p', `${sshd.port}`, `${user}@${sshd.host}`]
}

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ address: '127.0.0.2' })
  })
  afterAll(() => sshd.stop())

  it('listens where it is told to and knows the processes of its sessions', async () => {
    expect(sshd.host).toBe('127.0.0.2')
    await expect.poll(() => sshd.sessions()).toEqual([])
    const child = spawn('ssh', [...login(sshd), 'echo up; cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    expect(sshd.sessions().length).toBeGreaterThan(0)
    child.stdin.end()
    await once(child, 'exit')
    await expect.poll(() => sshd.sessions()).toEqual([])
  })

  it('gives a machine the programs that are linked, and no others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pkgcache-path-'))
    const bare = await startSshd({ env: { PATH: join(folder, 'bin') } })
    try {
      await linkPrograms(join(folder, 'bin'), ['sh', 'cat'])
      expect(await readdir(join(folder, 'bin'))).toEqual(['cat', 'sh'])
      const asked = 'for p in sh cat sha256sum; do command -v $p; done'
      const told = spawnSync('ssh', [...login(bare), asked], { encoding: 'utf8' }).stdout
      expect(told).toBe(`${folder}/bin/sh\n${folder}/bin/cat\n`)
      await expect(linkPrograms(folder, ['no-such-program'])).rejects.toThrow('there is no no-such-program')
    } finally {
      await bare.stop()
      await rm(folder, { recursive: true })
    }
  })

  const USERS = 'users of the test kit'
  it.skipIf(leftOut(USERS, testUsersAvailable()))(
    'lets in users that are added, with their shell',
    async () => {
      const user = addTestUser(findProgram('rbash'))
      try {
        const told = execFileSync('ssh', [...login(sshd, user.name), 'echo $0; id -un; pwd'], {
          encoding: 'utf8',
        })
        expect(told).toBe(`rbash\n${user.name}\n${user.home}\n`)
      } finally {
        user.remove()
      }
      expect(existsSync(user.home)).toBe(false)
      expect(await readFile('/etc/passwd', 'utf8')).not.toContain(user.name)
    },
  )

  it.skipIf(testUsersAvailable() !== undefined)('leaves no user of a process that was killed', async () => {
    execFileSync('useradd', ['-M', '-N', 'pkgc4194999-killed'])
    addTestUser().remove()
    expect(await readFile('/etc/passwd', 'utf8')).not.toContain('pkgc4194999')
  })
})
