import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '@pkgcache/core'
import { leftOut, type Sshd, sshdAvailable, startSshd } from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BIN, missingProgram, runProgram } from './kit.ts'
import { onTerminal, type Terminal } from './terminal.ts'

const SUITE = 'e2e questions on a terminal'

// A transport that cannot do without a passphrase, as a third party writes it.
const CONFIG = `import { defineConfig, defineTransport } from '@pkgcache/core'
import { appendFile } from 'node:fs/promises'

const vault = defineTransport({
  name: 'transport-vault',
  enforce: 'pre',
  async connect(node, ctx) {
    ctx.logger.info('dialling ' + node.name)
    const answer = await ctx.askSecret('passphrase for \\u001b[31m' + node.name)
    ctx.logger.info('heard ' + answer)
    return {
      async place(delivery) {
        await appendFile(new URL('answers', import.meta.url), node.name + ' ' + JSON.stringify(answer ?? null) + '\\n')
        return { state: 'sent', sentBytes: delivery.size }
      },
      check: async () => 'missing',
      close: async () => {},
    }
  },
})

export default defineConfig({
  store: './store',
  arch: 'amd64',
  packages: [{ name: 'tool', version: '1.0', url: new URL('tool', import.meta.url).href }],
  nodes: [{ host: 'first' }, { host: 'second' }],
  plugins: [vault()],
})
`

const SSH_SUITE = 'e2e the passphrase of a key'

describe.skipIf(leftOut(SSH_SUITE, sshdAvailable() ?? missingProgram('script', 'stty')))(SSH_SUITE, () => {
  let sshd: Sshd
  let dir: string

  beforeEach(async () => {
    sshd = await startSshd()
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', sshd.identityFile])
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-passphrase-'))
    await writeFile(join(dir, 'tool'), '#!/bin/sh\n')
    const { host, port, user, identityFile, knownHosts, root } = sshd
    const config: Config = {
      store: './store',
      arch: 'amd64',
      packages: [{ name: 'tool', version: '1.0', url: `file://${join(dir, 'tool')}` }],
      // one key: it is asked for once
      nodes: ['a', 'b'].map((name) => {
        return { name, host, port, user, identityFile, knownHosts, root: join(root, name), arch: 'amd64' }
      }),
    }
    await writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify(config))
  })
  afterEach(async () => {
    await sshd.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const pkgcache = () => {
    const env = { PKGCACHE_HOME: join(dir, 'home'), SSH_AUTH_SOCK: undefined, HOME: dir }
    return onTerminal(`${BIN} run`, { cwd: dir, env })
  }

  it('is asked for once, and opens it for all nodes', async () => {
    const terminal = pkgcache()
    await terminal.waitFor(/passphrase[^\r\n]*user_key[^\r\n]*[:?] /i)
    terminal.type('open sesame\r')
    expect(await terminal.ended).toBe(0)
    expect(await readdir(join(sshd.root, 'a/tool'))).toEqual(['tool-1.0-amd64.tar.zst'])
    expect(await readdir(join(sshd.root, 'b/tool'))).toEqual(['tool-1.0-amd64.tar.zst'])
    expect(terminal.output().match(/passphrase[^\r\n]*user_key/gi)).toHaveLength(1)
    expect(terminal.output()).not.toContain('sesame')
  })

  it('that nobody gives is told as that', async () => {
    const terminal = pkgcache()
    await terminal.waitFor(/user_key[^\r\n]*[:?] /)
    terminal.type('\r')
    expect(await terminal.ended).toBe(1)
    expect(terminal.output()).toMatch(/E_PASSPHRASE node (a|b): /)
  })
})

describe.skipIf(leftOut(SUITE, missingProgram('script', 'stty')))(SUITE, () => {
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-ask-'))
    await writeFile(join(dir, 'pkgcache.config.mjs'), CONFIG)
    await writeFile(join(dir, 'tool'), '#!/bin/sh\n')
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const env = () => ({ PKGCACHE_HOME: join(dir, 'home') })
  const pkgcache = (args: string): Terminal => onTerminal(`${BIN} ${args}`, { cwd: dir, env: env() })
  const answers = async () => (await readFile(join(dir, 'answers'), 'utf8')).trimEnd().split('\n').sort()

  it('are asked one after the other, beside the live list, and what is typed is never shown', async () => {
    const terminal = pkgcache('run')
    await terminal.waitFor(/passphrase for \\u001b\[31m(first|second): /)
    const [, asked] = /31m(first|second): /.exec(terminal.output()) ?? []
    // nothing may be drawn over the question
    const before = terminal.output().length
    await new Promise((done) => setTimeout(done, 400))
    expect(terminal.output().slice(before)).toBe('')
    // a typo taken back, an arrow key, and a letter of several bytes
    terminal.type('opex\u007fn \u001b[Asés')
    terminal.type('ame\r')
    const other = asked === 'first' ? 'second' : 'first'
    await terminal.waitFor(`31m${other}: `)
    terminal.type('wrong\u0015hunter22\r')
    expect(await terminal.ended).toBe(0)
    expect(await answers()).toEqual([`${asked} "open sésame"`, `${other} "hunter22"`].sort())
    expect(terminal.output()).not.toMatch(/sésame|hunter22|wrong/)
    expect(terminal.output().match(/heard \*\*\*/g)).toHaveLength(2)
    expect(terminal.output()).toContain('2 nodes: 2 sent')
  })

  it.each([
    ['an empty answer', '\r'],
    ['Ctrl-D', '\u0004'],
  ])('%s is none', async (_name, keys) => {
    const terminal = pkgcache('run --node first --verbose')
    await terminal.waitFor('31mfirst: ')
    terminal.type(keys)
    expect(await terminal.ended).toBe(0)
    expect(await answers()).toEqual(['first null'])
  })

  it('Ctrl-C cancels the run, and the terminal is as it was', async () => {
    const terminal = onTerminal(`${BIN} run; echo exit $?; stty -a`, { cwd: dir, env: env() })
    await terminal.waitFor('31mfirst: ')
    terminal.type('abc\u0003')
    expect(await terminal.ended).toBe(0)
    expect(terminal.output()).toContain('exit 130')
    expect(terminal.output()).toContain(' E_ABORTED: cancelled')
    expect(terminal.output()).toMatch(/(?<!-)icanon\b.*(?<!-)echo\b/s)
    expect(terminal.output().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      terminal.output().lastIndexOf('\u001b[?25l'),
    )
  })

  it('what was typed before the question is no answer to it', async () => {
    const terminal = pkgcache('run --node first')
    terminal.type('too early\r')
    await terminal.waitFor('31mfirst: ')
    terminal.type('in time\r')
    expect(await terminal.ended).toBe(0)
    expect(await answers()).toEqual(['first "in time"'])
  })

  it.each([
    ['--json', 'run --json', {}],
    ['--quiet', 'run --quiet', {}],
    ['CI', 'run --no-frozen', { CI: 'true' }],
    ['a stdin that is no terminal', 'run < /dev/null', {}],
    ['a stderr that is no terminal', 'run 2> /dev/null', {}],
  ])('are not asked with %s', async (_name, args, more) => {
    const terminal = onTerminal(`${BIN} ${args}`, { cwd: dir, env: { ...env(), ...more } })
    expect(await terminal.ended).toBe(0)
    expect(terminal.output()).not.toContain('passphrase')
    expect(await answers()).toEqual(['first null', 'second null'])
  })

  it('are not asked without a terminal', async () => {
    expect((await runProgram(BIN, ['run'], { cwd: dir, env: env() })).code).toBe(0)
    expect(await answers()).toEqual(['first null', 'second null'])
  })
})
