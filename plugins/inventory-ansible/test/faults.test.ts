import { chmodSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, faultsOf, folderWith, type Tree } from './support.ts'

/** The faults of INI below a first line that begins a group. */
const INI: readonly (readonly [string, string])[] = [
  ['h a', 'hosts:2: what follows a host is name=value, with quotes around blanks'],
  ['h a="x', 'hosts:2: a quote (") is not closed'],
  ['h a=x\\', 'hosts:2: a backslash at the end escapes nothing'],
  ['h:', 'hosts:2: "h:" ends with ":", and no port follows'],
  ['---', 'hosts:2: "---" begins YAML, and the rest is none'],
  ['h[1:', 'hosts:2: "h[1:" holds no range: write [begin:end] or [begin:end:step]'],
  ['h[1]', 'hosts:2: "h[1]" holds no range: write [begin:end] or [begin:end:step]'],
  ['h[1:]', 'hosts:2: a range needs an end'],
  ['h[01:100]', 'hosts:2: begin and end of a range differ in length'],
  ['h[1:9:0]', 'hosts:2: a range needs a step other than 0'],
  ['h[c:a]', 'hosts:2: a range of letters begins after its end'],
  ['h[a:5]', 'hosts:2: "a" in a range is no number'],
  ['h[0:9999999999]', 'hosts:2: the range stands for more than 50000 hosts'],
  ['h[1:999][1:999]', 'hosts:2: the range stands for more than 50000 hosts'],
  ['[two words]', 'hosts:2: this is no section: a name has no spaces'],
  ['[g:hosst]', 'hosts:2: [g:hosst] is neither a group nor its children or vars'],
  ['[x:vars]', 'hosts:2: [x:vars] is about a group that is not defined'],
  ['[g:children]\nx', 'hosts:3: [g:children] names the group x, which is not defined'],
  ['[g:children]\nx y', 'hosts:3: a line below [group:children] is the name of one group'],
  ['[g:vars]\nx', 'hosts:3: a line below [group:vars] is name=value'],
  ['[g:vars]\nansible_group_priority=high', 'hosts:3: ansible_group_priority is a whole number'],
  ['[g:children]\ng', 'hosts:3: the group g contains itself'],
  ['[g:children]\nx\n[x:children]\ng\n', 'hosts:5: the groups g and x contain each other'],
  ['[g:children]\nall', 'hosts:3: the groups all and g contain each other'],
  ['h ansible_port=0', 'hosts:2: ansible_port: a port is a number from 1 to 65535, not "0"'],
  ['h:70000', 'hosts:2: ansible_port: a port is a number from 1 to 65535, not "70000"'],
  [
    'h ansible_host={{x}}',
    'hosts:2: ansible_host: a Jinja template, and needed; templates are not worked out, write the value itself',
  ],
  ['h ansible_host=', 'hosts:2: ansible_host: "" is neither the name nor the address of a host'],
  ['h ansible_host=-oX', 'hosts:2: ansible_host: "-oX" is neither the name nor the address of a host'],
  ['h ansible_become=perhaps', 'hosts:2: ansible_become: must be true or false, is "perhaps"'],
  ['h pkgcache_root=srv', 'hosts:2: pkgcache_root: must be an absolute path on the node'],
  ['h pkgcache_labels=x', 'hosts:2: pkgcache_labels: must be a mapping, is "x"'],
  [
    `h pkgcache_labels="{'a b': 1}"`,
    'hosts:2: pkgcache_labels: "a b" is no key of a label: it has no ! = * ? , and spaces',
  ],
  [
    `h pkgcache_labels="{'v': 1.10}"`,
    'hosts:2: pkgcache_labels: v: must be text, is a float; put it in quotes',
  ],
  ['h ansible_ssh_common_args="-J"', 'hosts:2: ansible_ssh_common_args: -J needs a value'],
  [
    'h ansible_ssh_common_args="-J a,-b"',
    'hosts:2: ansible_ssh_common_args: "-b" is no host on the way: write [user@]host[:port]',
  ],
  ['h ansible_ssh_common_args="-o x"', 'hosts:2: ansible_ssh_common_args: -o takes Keyword=value'],
  [
    'h ansible_ssh_common_args="-p x"',
    'hosts:2: ansible_ssh_common_args: a port is a number from 1 to 65535, not "x"',
  ],
  [
    'a*b',
    'hosts:2: a node cannot be called "a*b": a name has no ! = * ? , and spaces, no - in front, is not "all"',
  ],
  [
    '-h',
    'hosts:2: a node cannot be called "-h": a name has no ! = * ? , and spaces, no - in front, is not "all"',
  ],
]

/** The faults of `h.yml`. */
const YAML: readonly (readonly [string, string[]])[] = [
  ['all: {hosts: [a]}', ['h.yml:1 all.hosts: must be a mapping, is a list']],
  [
    'all:\n  children: {g: {hosts: {a: x}}}',
    ['h.yml:2 all.children.g.hosts.a: the variables of a host are a mapping, this is text'],
  ],
  ['all: {hosts: {1.10: }}', ['h.yml:1 all.hosts.1.1: the name of a host is text: put it in quotes']],
  ['5: {}', ['h.yml:1 5: the name of a group is text: put it in quotes']],
  ['all: {children: {g: text}}', ['h.yml:1 all.children.g: g is neither a group nor a host']],
  ['- a', ['h.yml:1: a YAML inventory is a mapping: groups, and in them hosts, vars and children']],
  [
    'plugin: aws_ec2\nregions: [x]',
    ['h.yml:1 plugin: this configures the inventory plugin aws_ec2; dynamic inventories are not run'],
  ],
  [
    'all:\n  hosts:\n    h:\n      ansible_port: x\n      ansible_host: 1.10\n      ansible_user: !vault abc',
    [
      'h.yml:4 all.hosts.h.ansible_port: a port is a number from 1 to 65535, not "x"',
      'h.yml:5 all.hosts.h.ansible_host: must be text; put it in quotes',
      'h.yml:6 all.hosts.h.ansible_user: encrypted by ansible-vault, and needed; write it in plain text',
    ],
  ],
  ['all: {hosts: {h: {a: !foo b}}}', ['h.yml:1: Ansible does not know the tag !foo here']],
  ['all: {hosts: {h: {a: !!int b}}}', ['h.yml:1: this is no !!int']],
  ['a: {}\n---\nb: {}', ['h.yml:2: a second document begins here; Ansible reads one']],
  ['a: *x', ['h.yml:1: *x refers to no anchor before it']],
  ['a: &x [*x]', ['h.yml:1: *x contains itself']],
  ['a: {<<: text}', ['h.yml:1: << takes a mapping, or a list of them']],
  ['? [a]\n: b', ['h.yml:1: a key is plain text']],
  [`a: ${'['.repeat(200)}`, ['h.yml:1: nested more than 100 levels deep']],
  [`a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, ['h.yml:1: nested more than 100 levels deep']],
  ['- '.repeat(20_000), ['h.yml:1: nested more than 100 levels deep']],
  [
    Array.from({ length: 120 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
    ['h.yml:102: nested more than 100 levels deep'],
  ],
]

describe('a fault of an INI inventory', () => {
  it.each(INI)('%s', async (text, fault) => {
    expect(await faultsOf({ hosts: `[g]\n${text}\n` })).toEqual([fault])
  })
})

describe('a fault of a YAML inventory', () => {
  it.each(YAML.map((one) => [one[0].slice(0, 60), ...one] as const))('%s', async (_title, text, faults) => {
    expect(await faultsOf({ 'h.yml': text })).toEqual(faults)
  })

  it('broken YAML has its line', async () => {
    const [fault, ...more] = await faultsOf({ 'h.yml': 'all:\n  hosts:\n    h: {a: 1\n' })
    expect(fault).toMatch(/^h\.yml:4: Flow map/)
    expect(more).toEqual([])
  })

  it('shared values stay small: a billion laughs are none', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, index) => `  a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`,
    )
    const text = `all:\n vars:\n  a0: &a0 [ha]\n${lines.join('\n')}\n hosts: {h: }\n`
    const { nodes } = await ask(folderWith({ 'h.yml': text }), { files: 'h.yml' })
    expect(nodes?.map(({ name }) => name)).toEqual(['h'])
  })

  it('merge keys that multiply', async () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(', ')
    const merges = Array.from({ length: 300 }, (_, index) => ` v${index}: {<<: *b}`).join('\n')
    const faults = await faultsOf({ 'h.yml': `x: &b {${keys}}\ny:\n${merges}\n` })
    expect(new Set(faults.map((fault) => fault.replace(/:\d+/, '')))).toEqual(
      new Set(['h.yml: << brings in too much']),
    )
  })

  it('own names of JavaScript’s objects are names as others', async () => {
    const text = 'all: {hosts: {__proto__: {constructor: 1}, constructor: {pkgcache_labels: {__proto__: x}}}}'
    const { nodes } = await ask(folderWith({ 'h.yml': text }), { files: 'h.yml' })
    expect(nodes?.map(({ name, labels }) => [name, Object.entries(labels ?? {})])).toEqual([
      ['__proto__', []],
      ['constructor', [['__proto__', 'x']]],
    ])
  })
})

describe('files', () => {
  it.each<readonly [string, Tree, string]>([
    [
      'a script',
      { hosts: '#!/bin/sh\ntouch pwned\n' },
      'hosts:1: a script; dynamic inventories are not run. `ansible-inventory --list --export --yaml` writes what it says',
    ],
    ['a program', { hosts: '\x7fELF\0\0' }, 'hosts:1: a program or another binary file, which is not run'],
    [
      'TOML',
      { 'hosts.toml': '[g]\n' },
      'hosts.toml:1: TOML, which is not read; `ansible-inventory --list --export --yaml` writes YAML',
    ],
    [
      'an encrypted one',
      { hosts: '$ANSIBLE_VAULT;1.1;AES256\n31\n' },
      'hosts:1: encrypted by ansible-vault, which is not opened here',
    ],
    [
      'encrypted variables',
      { hosts: 'h\n', 'host_vars/h.yml': '$ANSIBLE_VAULT;1.1;AES256\n31\n' },
      'host_vars/h.yml:1: encrypted by ansible-vault; how to reach hosts belongs into a plain file beside it',
    ],
    [
      'variables that are a list',
      { hosts: 'h\n', 'group_vars/all.yml': '\n- a\n' },
      'group_vars/all.yml:2: variables are a mapping, this is a list',
    ],
    ['other encodings', { hosts: Buffer.from('a\nb x=\xe9\n', 'latin1') }, 'hosts:1: line 2 is not UTF-8'],
    ['a large one', { hosts: Buffer.alloc(5_000_000, '#') }, 'hosts:1: larger than 4 MiB'],
  ])('%s', async (_title, tree, fault) => {
    expect(await faultsOf(tree)).toEqual([fault])
  })

  it('a script is not run, executable or not', async () => {
    const dir = folderWith({ 'inv/hosts': '#!/bin/sh\ntouch "$(dirname "$0")/pwned"\necho "{}"\n' })
    chmodSync(join(dir, 'inv/hosts'), 0o755)
    await expect(ask(dir, { files: 'inv' })).rejects.toMatchObject({ code: 'E_INVENTORY' })
    expect(readdirSync(join(dir, 'inv'))).toEqual(['hosts'])
  })

  it('what is missing, and a folder in itself', async () => {
    const dir = folderWith({ 'inv/hosts': 'h\n' })
    symlinkSync(join(dir, 'inv'), join(dir, 'inv/loop'))
    await expect(ask(dir, { files: ['missing', 'inv'] })).rejects.toMatchObject({
      code: 'E_INVENTORY',
      message: 'the Ansible inventory has 2 faults',
      faults: [
        'missing:1: does not exist',
        expect.stringMatching(/^inv\/loop\/.*: a folder in itself, by a link$/),
      ],
    })
  })

  it('a limit that nothing matches', async () => {
    expect(await faultsOf({ hosts: 'h\n' }, { limit: ['h', 'kube_nodes', '!x'] })).toEqual([
      'limit: no host or group is called "kube_nodes"',
      'limit: no host or group is called "!x"',
    ])
  })

  it('all faults of all files at once, each once, without what lines hold', async () => {
    const tree: Tree = {
      'a/hosts': 'h[1:3]\nbad password=hunter2! x\n[g:vars]\n',
      'b.yml': 'all: {hosts: [x]}\n',
      'a/group_vars/all.yml': 'ansible_port: "{{ p }}"\n',
      'a/host_vars/h2.yml': 'x: [\n',
      'a/host_vars/other.yml': 'x: [\n',
    }
    const faults = await faultsOf(tree, { files: ['a/hosts', 'b.yml', 'c'] })
    expect(faults).toEqual([
      'a/hosts:2: what follows a host is name=value, with quotes around blanks',
      'a/hosts:3: [g:vars] is about a group that is not defined',
      'b.yml:1 all.hosts: must be a mapping, is a list',
      'c:1: does not exist',
      'a/group_vars/all.yml:1 ansible_port: a Jinja template, and needed; templates are not worked out, write the value itself',
      expect.stringMatching(/^a\/host_vars\/h2\.yml:2: /),
    ])
    expect(faults.join()).not.toContain('hunter2')
  })

  it('values that are not needed may be what they like', async () => {
    const dir = folderWith({
      hosts: '[g]\nh ansible_user=core\nleft ansible_connection=local ansible_port=x\n',
      'group_vars/all.yml': 'ansible_user: "{{ x }}"\nother: !vault x\nproxy: "{% if x %}y{% endif %}"\n',
    })
    const { nodes } = await ask(dir, { files: 'hosts' })
    expect(nodes).toEqual([{ name: 'h', host: 'h', user: 'core', groups: ['g'] }])
  })

  it('and hosts outside the limit, too', async () => {
    const dir = folderWith({ hosts: 'h\nbad*name ansible_port=x\n', 'host_vars/bad*name': 'x: [' })
    expect((await ask(dir, { files: 'hosts', limit: 'h' })).nodes).toEqual([
      { name: 'h', host: 'h', groups: [] },
    ])
  })
})
