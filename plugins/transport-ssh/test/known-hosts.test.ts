import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint, lookUpHost } from '../src/known-hosts.ts'

const blobOf = (type: string, fill: number) => {
  const name = Buffer.from(type)
  return Buffer.concat([
    Buffer.from([0, 0, 0, name.length]),
    name,
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, fill),
  ])
}
const keyLine = (names: string, fill = 1, type = 'ssh-ed25519') =>
  `${names} ${type} ${blobOf(type, fill).toString('base64')} comment`
const hashed = (name: string) => {
  const salt = Buffer.alloc(20, 7)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('lookUpHost', () => {
  const cases: [title: string, text: string, host: string, port: number, found: [number, number, number]][] =
    [
      ['a plain name', keyLine('node1'), 'node1', 22, [1, 0, 0]],
      ['another name', keyLine('node1'), 'node10', 22, [0, 0, 0]],
      ['names in any case', keyLine('Node1'), 'nODE1', 22, [1, 0, 0]],
      ['a comma list', keyLine('a,node1,10.0.0.1'), '10.0.0.1', 22, [1, 0, 0]],
      ['a name with a port', keyLine('[node1]:2222'), 'node1', 2222, [1, 0, 0]],
      ['a name with another port', keyLine('[node1]:2222'), 'node1', 2223, [0, 0, 0]],
      ['a name with a port, asked at 22', keyLine('[node1]:2222'), 'node1', 22, [0, 0, 0]],
      ['IPv6', keyLine('[::1]:2222'), '::1', 2222, [1, 0, 0]],
      ['a hashed name', keyLine(hashed('node1')), 'node1', 22, [1, 0, 0]],
      ['a hashed name with a port', keyLine(hashed('[node1]:2222')), 'node1', 2222, [1, 0, 0]],
      ['another hashed name', keyLine(hashed('node2')), 'node1', 22, [0, 0, 0]],
      ['a wildcard', keyLine('*.example.com'), 'a.example.com', 22, [1, 0, 0]],
      ['a wildcard is no regular expression', keyLine('*.example.com'), 'aXexample.com', 22, [0, 0, 0]],
      ['one character', keyLine('node?'), 'node1', 22, [1, 0, 0]],
      ['a negated name', keyLine('*.example.com,!b.example.com'), 'b.example.com', 22, [0, 0, 0]],
      ['beside a negated name', keyLine('!b.example.com,*.example.com'), 'a.example.com', 22, [1, 0, 0]],
      ['only a negated name', keyLine('!b.example.com'), 'a.example.com', 22, [0, 0, 0]],
      ['several keys', `${keyLine('node1')}\n${keyLine('node1', 2, 'ssh-rsa')}`, 'node1', 22, [2, 0, 0]],
      ['a revoked key', `@revoked ${keyLine('*')}`, 'node1', 22, [0, 1, 0]],
      ['a revoked key counts at any port', `@revoked ${keyLine('node1')}`, 'node1', 2222, [0, 1, 0]],
      ['an authority', `@cert-authority ${keyLine('*.example.com')}`, 'a.example.com', 22, [0, 0, 1]],
      [
        'comments, blanks and broken lines',
        `# node1\n\n  \nnode1\nnode1 ssh-ed25519 !!!\n|x ssh-rsa AA`,
        'node1',
        22,
        [0, 0, 0],
      ],
      [
        'a key that is not of the type it says',
        keyLine('node1').replace('ssh-ed25519', 'ssh-rsa'),
        'node1',
        22,
        [0, 0, 0],
      ],
      ['tabs and line ends of DOS', `${keyLine('node1').replaceAll(' ', '\t')}\r\n`, 'node1', 22, [1, 0, 0]],
    ]
  it.each(cases)('%s', (_title, text, host, port, found) => {
    const known = lookUpHost(text, host, port)
    expect([known.keys.length, known.revoked.length, known.authorities]).toEqual(found)
  })

  it('prefers the line with the port to the bare one', () => {
    const known = lookUpHost(`${keyLine('node1', 1)}\n${keyLine('[node1]:2222', 2)}`, 'node1', 2222)
    expect(known.keys).toEqual([{ type: 'ssh-ed25519', blob: blobOf('ssh-ed25519', 2) }])
    expect(known.bare).toEqual([{ type: 'ssh-ed25519', blob: blobOf('ssh-ed25519', 1) }])
  })

  it('keeps the line without a port apart', () => {
    const known = lookUpHost(keyLine('node1'), 'node1', 2222)
    expect([known.keys.length, known.bare.length]).toEqual([0, 1])
    expect(lookUpHost(keyLine('node1'), 'node1', 22)).toMatchObject({ bare: [] })
  })

  it('reads what ssh-keygen -H makes, and shows the fingerprint ssh-keygen shows', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pkgcache-known-hosts-'))
    try {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
      const file = join(folder, 'known_hosts')
      execFileSync('sh', [
        '-c',
        'printf "[node1]:2222 %s" "$(cat "$1")" > "$2"',
        'sh',
        join(folder, 'key.pub'),
        file,
      ])
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
      const text = readFileSync(file, 'utf8')
      expect(text.startsWith('|1|')).toBe(true)
      const shown = execFileSync('ssh-keygen', ['-lf', join(folder, 'key.pub')], { encoding: 'utf8' })
      expect(lookUpHost(text, 'node1', 2222).keys.map((key) => fingerprint(key.blob))).toEqual([
        shown.split(' ')[1],
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('lookUpHost finds what ssh-keygen -F finds', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pkgcache-known-hosts-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  let fill = 0
  const line = (names: string, type = 'ssh-ed25519') => keyLine(names, ++fill, type)
  const files: [title: string, lines: string[], lineEnd?: string][] = [
    [
      'plain names',
      [line('node1'), line('Node1'), line('node10,node2,10.0.0.1'), line('[node1]:2222'), line('node1')],
    ],
    ['several types', ['ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256'].map((type) => line('node1', type))],
    [
      'wildcards and exclusions',
      [
        line('*'),
        line('node?'),
        line('n*,!node1'),
        line('!node2,*'),
        line('!node1'),
        line('[*]:2222'),
        line('*.lab'),
      ],
    ],
    [
      'markers',
      [
        `@revoked ${line('node1')}`,
        `@revoked ${line('*')}`,
        `@cert-authority ${line('*.lab')}`,
        `@cert-authority ${line('node1')}`,
        `@other ${line('node1')}`,
        line('node1'),
      ],
    ],
    [
      'comments and blanks',
      ['# node1', '', '   ', `  ${line('node1')}`, `#${line('node1')}`, `\t${line('node2')}`],
    ],
    ['tabs', [line('node1').replaceAll(' ', '\t'), line('node2').replace(' ', ' \t ')]],
    ['line ends of DOS', [line('node1'), line('node2').replace(' comment', ''), line('node1')], '\r\n'],
    ['IPv6', [line('::1'), line('[::1]:2222'), line('fe80::1,2001:db8::1'), line('[2001:db8::*]:2222')]],
    [
      'hashed names',
      [line(hashed('node1')), line(hashed('[node1]:2222')), line(hashed('::1')), line('node1')],
    ],
    ['a broken hash', [line('|1|xx'), line('|2|YQ==|YQ=='), line('|1||'), line('node1')]],
  ]
  const asked: [host: string, port: number][] = [
    ...['node1', 'NODE1', 'node2', 'node10', 'a.lab', '10.0.0.1', '::1', '2001:db8::1'].map(
      (host): [string, number] => [host, 22],
    ),
    ...['node1', 'Node2', '::1', '2001:db8::1'].map((host): [string, number] => [host, 2222]),
  ]
  const byKeygen = (file: string, name: string) => {
    const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' })
    const found = stdout.split(/^# Host .* found: .*$/m).slice(1)
    return found.map((text) => {
      const fields = text.trim().split(/\s+/)
      const marker = fields[0]?.startsWith('@') ? (fields.shift() ?? '') : ''
      return `${marker} ${fields[2]}`.trim()
    })
  }
  const byUs = (text: string, host: string, port: number) => {
    const { keys, revoked, authorities } = lookUpHost(text, host, port)
    const shown = (marker: string, list: typeof keys) =>
      list.map(({ blob }) => `${marker} ${blob.toString('base64')}`.trim())
    return { keys: shown('', keys), revoked: shown('@revoked', revoked), authorities }
  }

  it.each(files)('%s', (_title, lines, lineEnd = '\n') => {
    const file = join(folder, 'known_hosts')
    const text = lines.map((one) => `${one}${lineEnd}`).join('')
    writeFileSync(file, text)
    for (const [host, port] of asked) {
      const names = port === 22 ? [host] : [`[${host}]:${port}`, host]
      // ssh looks for the name in lower case; ssh-keygen leaves that to whoever calls it.
      const [exact = [], bare = []] = names.map((name) => byKeygen(file, name.toLowerCase()))
      const marked = [...exact, ...bare]
      expect(byUs(text, host, port), `${host}:${port}`).toEqual({
        keys: exact.filter((one) => !one.startsWith('@')),
        revoked: marked.filter((one) => one.startsWith('@revoked')),
        authorities: marked.filter((one) => one.startsWith('@cert-authority')).length,
      })
    }
  })
})
