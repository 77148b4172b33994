import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { transportContext } from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Wanted } from '../src/host-settings.ts'
import { configOf } from '../src/ssh-config.ts'
import { readSshConfig } from '../src/ssh-config-file.ts'
import { SshRun } from '../src/ssh-run.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgcache-config-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** As a config spells it. */
const variable = (name: string) => `$\{${name}}`

/** Writes files below the folder; the first is the config. */
const write = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, text.replaceAll('FOLDER', folder), { mode: 0o600 })
  }
  return join(folder, Object.keys(files)[0] ?? '')
}
const settingsOf = async (
  sshConfig: string | false,
  wanted: Partial<Wanted> = {},
  ctx = transportContext(),
) => new SshRun(ctx, { sshConfig }).settings({ host: 'node1', ...wanted })

const noSsh = spawnSync('ssh', ['-V']).error === undefined ? undefined : 'no ssh'

/** What ssh itself makes of a config, and what we do. */
const COMPARED = [
  'hostname',
  'port',
  'user',
  'identityfile',
  'userknownhostsfile',
  'globalknownhostsfile',
  'proxyjump',
  'hostkeyalias',
  'connecttimeout',
  'serveraliveinterval',
  'serveralivecountmax',
  'identityagent',
  'bindaddress',
]
const bySsh = (file: string, host: string) => {
  const output = execFileSync('ssh', ['-T', '-G', '-F', file, host], { encoding: 'utf8' })
  const lines = output.split('\n').map((line) => [line.split(' ', 1)[0] ?? '', line.replace(/^\S+ ?/, '')])
  return Object.fromEntries(
    COMPARED.map((keyword) => [
      keyword,
      lines.filter(([name]) => name === keyword).flatMap(([, value]) => value ?? []),
    ]),
  )
}
const byUs = async (file: string, host: string): Promise<Record<string, string[]>> => {
  const directives = (await readSshConfig(file, false)) ?? []
  const config = configOf(directives, { host, user: undefined })
  const { place } = await settingsOf(file, { host })
  const own = { hostname: [place.host], port: [String(place.port)], user: [place.username] }
  const rest = COMPARED.slice(3).map((keyword) => {
    const lines = keyword === 'identityfile' ? config.all(keyword) : [config.line(keyword)]
    return [keyword, lines.flatMap((line) => line?.args.join(' ') ?? [])]
  })
  return { ...own, ...(Object.fromEntries(rest) as Record<string, string[]>) }
}

describe.skipIf(noSsh !== undefined)('an SSH config says what ssh -G says', () => {
  const cases: [title: string, files: Record<string, string>, hosts: string[]][] = [
    [
      'patterns, also negated, and the first value wins',
      {
        config: `Host web? !web9
  Port 2201
  User one
Host web* db.*.example
  Port 2202
  User two
Host *
  User three
  ConnectTimeout 7
`,
      },
      ['web1', 'web9', 'web10', 'db.a.example', 'dbXaYexample', 'other', 'WEB1'],
    ],
    [
      'an exclusion wins wherever it stands',
      { config: 'Host !b *\n  Port 1\nHost c !c\n  Port 2\nHost !d\n  Port 3\n' },
      ['a', 'b', 'c', 'd', 'e'],
    ],
    [
      'HostName with tokens, several IdentityFiles, quotes and equals signs',
      {
        config: `Host = n1
HostName=%h.example.net
IdentityFile "/keys/one key"
IdentityFile = /keys/%r
  UserKnownHostsFile /k/one "/k/t w o"
GlobalKnownHostsFile /k/g
HostKeyAlias alias
IdentityAgent /run/agent
Host *
	IdentityFile	/keys/three
 # a comment
BindAddress 127.0.0.9   # another
`,
      },
      ['n1', 'n2'],
    ],
    [
      'Match host, originalhost, user, localuser, all',
      {
        config: `Host n1
  HostName real1.example
Match host real1.example
  Port 2001
Match originalhost n1,n2
  User matched
Match user matched host *.example
  ConnectTimeout 11
Match !host *.example
  Port 2002
Match localuser ${userInfo().username} originalhost n3
  Port 2003
Match localuser nobody-of-that-name
  Port 2004
Match all
  ServerAliveInterval 9
  ServerAliveCountMax 4
`,
      },
      ['n1', 'n2', 'n3', 'N1'],
    ],
    [
      'Include: globs, in the middle of a Host block, blocks within it, nested, missing',
      {
        config: `Include FOLDER/conf.d/*.conf FOLDER/none FOLDER/none*/x
Host n1
  Include FOLDER/inner
  User after
Host n2
  Include FOLDER/inner
Host *
  Port 9
`,
        'conf.d/b.conf': 'Host n3\n  User b\n  Port 33\n',
        'conf.d/a.conf': 'Host n3\n  User a\nHost n4\n  Port 44\n',
        'conf.d/.hidden.conf': 'User hidden\n',
        'conf.d/a.txt': 'User txt\n',
        inner: 'Include FOLDER/deeper\nHost n2\n  Port 22\n  ConnectTimeout 5\nHost n1\n  Port 11\n',
        deeper: 'ServerAliveInterval 3\n',
      },
      ['n1', 'n2', 'n3', 'n4', 'n5'],
    ],
    [
      'ProxyJump before and after, none',
      {
        config: `Host n1
  ProxyJump none
Host n2
  ProxyJump me@b1:2222,b2
Host *
  ProxyJump bastion
`,
      },
      ['n1', 'n2', 'n3'],
    ],
    [
      'line ends of DOS, no last line end, words in any case',
      { config: 'HOST n1\r\n  pOrT 77\r\n  USER u' },
      ['n1'],
    ],
    ['nothing', { config: '' }, ['n1']],
    ['only a comment', { config: '# Host n1' }, ['n1']],
  ]
  // What ssh prints where a config says nothing: its defaults, and a host name in lower case.
  const defaults = (file: string) => bySsh(file, 'x')
  it.each(cases)('%s', async (_title, files, hosts) => {
    const file = await write(files)
    const empty = join(folder, 'empty')
    await writeFile(empty, '')
    const unsaid = defaults(empty)
    for (const host of hosts) {
      const [theirs, ours] = [bySsh(file, host), await byUs(file, host)]
      const filled: Record<string, string[]> = Object.fromEntries(
        COMPARED.map((keyword) => {
          const said = ours[keyword] ?? []
          return [keyword, said.length === 0 || said[0] === 'none' ? (unsaid[keyword] ?? []) : said]
        }),
      )
      filled.hostname = (filled.hostname ?? []).map((name) => name?.toLowerCase() ?? '')
      expect(filled, host).toEqual(theirs)
    }
  })
})

describe('an SSH config', () => {
  it('gives way to what the node itself says', async () => {
    const sshConfig = await write({
      config: `Host node1
  User a
  Port 1
  IdentityFile /keys/a
  UserKnownHostsFile /known/a
  StrictHostKeyChecking accept-new
  ProxyJump a
  ProxyCommand none
`,
    })
    const own = {
      user: 'b',
      port: 2,
      identityFile: '/keys/b',
      knownHosts: '/known/b',
      hostKeys: 'strict' as const,
    }
    expect(await settingsOf(sshConfig, { ...own, proxyJump: 'none' })).toMatchObject({
      place: { host: 'node1', port: 2, username: 'b' },
      jump: undefined,
      hostKeys: { policy: 'strict', files: ['/known/b'], ownFile: '/known/b' },
      identities: { files: ['/keys/b'], filesOnly: true, required: true },
    })
    expect(await settingsOf(sshConfig)).toMatchObject({
      place: { host: 'node1', port: 1, username: 'a' },
      jump: 'a',
      hostKeys: { policy: 'accept-new', ownFile: '/known/a' },
      identities: { files: ['/keys/a'], filesOnly: false, required: false },
    })
  })

  it('is ~/.ssh/config when it is there, and none with false', async () => {
    vi.stubEnv('HOME', folder)
    const port = async (options: { sshConfig?: string | false }) =>
      (await new SshRun(transportContext(), options).settings({ host: 'node1' })).place.port
    expect(await port({})).toBe(22)
    await write({
      '.ssh/config': 'Include other\nInclude ~/.ssh/more/*',
      '.ssh/other': 'Host x\nPort 1',
      '.ssh/more/a': 'Port 2',
    })
    expect(await port({})).toBe(2)
    expect(await port({ sshConfig: false })).toBe(22)
    expect(await port({ sshConfig: '~/.ssh/other' })).toBe(22)
    expect(await port({ sshConfig: join(folder, '.ssh/more/a') })).toBe(2)
    await expect(port({ sshConfig: '~/none' })).rejects.toMatchObject({
      code: 'E_SSH_CONFIG',
      message: `the SSH config ${folder}/none does not exist`,
    })
  })

  it('is refused when others can write it, as ssh does with its default file', async () => {
    vi.stubEnv('HOME', folder)
    const file = await write({ '.ssh/config': 'Port 2' })
    const settings = () => new SshRun(transportContext(), {}).settings({ host: 'node1' })
    await chmod(file, 0o664)
    await expect(settings()).rejects.toMatchObject({ code: 'E_SSH_CONFIG', hint: `chmod go-w ${file}` })
    await chmod(file, 0o644)
    expect((await settings()).place.port).toBe(2)
  })

  it('has tokens and variables replaced', async () => {
    vi.stubEnv('PKGCACHE_TEST_KEYS', '/env')
    vi.stubEnv('MY_AGENT', '/run/my')
    const sshConfig = await write({
      config: `Host node1
  HostName %h.example
  User u1
  Port 2222
  IdentityFile ~/.ssh/%h-%p-%r-%n-%%
  IdentityFile %d/x
  IdentityFile ${variable('PKGCACHE_TEST_KEYS')}/%u
  UserKnownHostsFile ~/kh-%k none
  IdentityAgent $MY_AGENT
`,
    })
    const home = homedir()
    expect(await settingsOf(sshConfig)).toMatchObject({
      identities: {
        files: [`${home}/.ssh/node1.example-2222-u1-node1-%`, `${home}/x`, `/env/${userInfo().username}`],
        agent: '/run/my',
      },
      hostKeys: { ownFile: `${home}/kh-node1.example` },
    })
  })

  it('sets times, families and addresses', async () => {
    const sshConfig = await write({
      config:
        'ConnectTimeout 1m5s\nServerAliveInterval 7\nServerAliveCountMax 2\nAddressFamily inet6\nBindAddress ::1\n',
    })
    const times = {
      connectTimeout: 65_000,
      keepalive: 7000,
      keepaliveCount: 2,
      family: 6,
      localAddress: '::1',
    }
    expect(await settingsOf(sshConfig)).toMatchObject(times)
    const run = new SshRun(transportContext(), { sshConfig, connectTimeout: 5 })
    expect(await run.settings({ host: 'a' })).toMatchObject({ ...times, connectTimeout: 5 })
    expect(await settingsOf(false)).toMatchObject({
      connectTimeout: 20_000,
      keepalive: 15_000,
      keepaliveCount: 3,
      family: undefined,
      localAddress: undefined,
    })
  })

  const refused: [config: string, message: string][] = [
    ['ProxyCommand nc %h %p', 'line 1: ProxyCommand'],
    ['Port 1\nHost node*\n  ProxyCommand nc "%h" %p', 'line 3: ProxyCommand'],
    ['ProxyUseFdpass yes', 'line 1: ProxyUseFdpass'],
    ['CertificateFile ~/.ssh/id-cert.pub', 'line 1: CertificateFile'],
    ['PKCS11Provider /usr/lib/p11.so', 'line 1: PKCS11Provider'],
    ['SecurityKeyProvider /usr/lib/sk.so', 'line 1: SecurityKeyProvider'],
    ['CanonicalizeHostname yes', 'line 1: CanonicalizeHostname'],
    ['KnownHostsCommand /bin/echo', 'line 1: KnownHostsCommand'],
    ['RevokedHostKeys /etc/ssh/revoked', 'line 1: RevokedHostKeys'],
    ['BindInterface eth0', 'line 1: BindInterface'],
    ['PubkeyAuthentication no', 'line 1: PubkeyAuthentication'],
    ['ControlPath ~/.ssh/cm-%C', 'line 1: ControlPath'],
    [
      '\n\nControlPath /s\nControlMaster no\nKnownHostsCommand /x',
      'line 5: KnownHostsCommand; FILE line 3: ControlPath',
    ],
    ['Match exec "test -f /x"\n  Port 1', 'line 1: Match exec is not supported'],
    ['Match host node1 exec "true"', 'line 1: Match exec is not supported'],
    ['Match final\n Port 2', 'line 1: Match final is not supported'],
    ['Host\nPort 2', 'line 1: Host has no value'],
    ['Port 2\nUser\nHost x', 'line 2: User has no value'],
    ['IdentityFile /keys/a#b', 'line 1: a value holds an unquoted #'],
    ['Port many', 'line 1: "many" cannot be Port'],
    ['Port 70000', 'line 1: "70000" cannot be Port'],
    ['ConnectTimeout soon', 'line 1: "soon" cannot be ConnectTimeout'],
    ['IdentityFile %x', 'line 1: IdentityFile has the token %x, which is none'],
    [`IdentityFile ${variable('NO_SUCH_PKGCACHE_VARIABLE')}/a`, 'which is not set'],
    ['IdentityFile "/a', 'cannot be understood'],
    ['Include FOLDER/config', 'is included too deep or too often'],
  ]
  it.each(refused)('is refused, not ignored: %s', async (text, message) => {
    const file = await write({ config: text })
    const wanted = message.replaceAll('FILE', file)
    const expected = wanted.startsWith('line') ? `${file} ${wanted}` : wanted
    await expect(settingsOf(file)).rejects.toMatchObject({
      code: 'E_SSH_CONFIG',
      message: expect.stringContaining(expected),
      hint: expect.any(String),
    })
  })

  const harmless: [config: string, wanted?: Partial<Wanted>][] = [
    ['ProxyCommand none\nCanonicalizeHostname no\nPubkeyAuthentication yes\nSecurityKeyProvider internal'],
    ['Host other\n  ProxyCommand nc %h %p\n  CertificateFile x\nMatch host other exec true\n  Port 1'],
    ['ProxyJump b\nProxyCommand nc %h %p'],
    ['ProxyCommand nc %h %p', { proxyJump: 'b' }],
    ['CertificateFile x\nPKCS11Provider x', { identityFile: '/keys/a' }],
    ['KnownHostsCommand /bin/x', { knownHosts: '/known' }],
    ['ControlPath ~/.ssh/cm\nControlMaster auto\nControlPersist 10m'],
    ['ForwardAgent yes\nCompression yes\nLogLevel DEBUG\nSendEnv LANG LC_*\nLocalForward 1 a:1\nSetEnv A=b'],
    ['IgnoreUnknown My*,UseApple\nMyOption 1\nUseApple yes'],
  ]
  it.each(harmless)('says nothing of what has no bearing: %s', async (text, wanted) => {
    const ctx = transportContext()
    await settingsOf(await write({ config: text }), wanted, ctx)
    expect(ctx.logged).toEqual([])
  })

  it('warns once in a run of what it does not honour and does not know', async () => {
    const sshConfig = await write({
      config: 'StrictHostKeyChecking no\nFancyOption 1\nCiphers aes128-ctr\nHost other\n  OtherOption 2\n',
    })
    const ctx = transportContext()
    const run = new SshRun(ctx, { sshConfig })
    const first = await run.settings({ host: 'node1' })
    await run.settings({ host: 'node2' })
    expect(first.hostKeys.policy).toBe('strict')
    expect([...ctx.logged].sort()).toEqual([
      `warn: ${sshConfig} line 1: host keys are checked although it says StrictHostKeyChecking no`,
      `warn: ${sshConfig} line 2: FancyOption is not known, and passed over`,
      `warn: ${sshConfig} line 3: Ciphers is not honoured`,
    ])
  })

  it('runs no command, whatever it holds', async () => {
    const ran = join(folder, 'ran')
    const sshConfig = await write({
      config: `CanonicalDomains example.com
Match exec "touch ${ran}"
  Port 1
Host *
  ProxyCommand touch ${ran}
  KnownHostsCommand /usr/bin/touch ${ran}
  LocalCommand touch ${ran}
  PermitLocalCommand yes
`,
    })
    await expect(settingsOf(sshConfig)).rejects.toMatchObject({ code: 'E_SSH_CONFIG' })
    expect(spawnSync('test', ['-e', ran]).status).toBe(1)
  })
})
