import { describe, expect, it } from 'vitest'
import type { InventoryAnsibleOptions } from '../src/index.ts'
import { KUBESPRAY_INI, KUBESPRAY_YAML } from './kubespray.ts'
import { ask, askFor, folderWith, type Tree } from './support.ts'

/** What becomes of a host `h`, beside its name, address and groups. */
async function hostWith(vars: string, options: InventoryAnsibleOptions = {}) {
  const { nodes, warnings, secrets } = await askFor({ 'h.yml': `all: {hosts: {h: {${vars}}}}\n` }, options)
  const [node] = nodes ?? []
  if (node === undefined) return { node, warnings, secrets }
  const { name, groups, ...rest } = node
  expect([name, groups]).toEqual(['h', []])
  return { node: rest.host === 'h' ? { ...rest, host: undefined } : rest, warnings, secrets }
}

const KUBESPRAY_NODES = [
  {
    name: 'node1',
    host: '95.54.0.12',
    user: 'ubuntu',
    sudo: true,
    groups: ['etcd', 'k8s_cluster', 'kube_control_plane'],
    labels: { disk: 'ssd' },
  },
  {
    name: 'node2',
    host: '95.54.0.13',
    port: 2222,
    user: 'ubuntu',
    sudo: true,
    groups: ['k8s_cluster', 'kube_node'],
  },
  {
    name: 'node3',
    host: '95.54.0.14',
    user: 'ubuntu',
    sudo: true,
    arch: 'arm64',
    groups: ['k8s_cluster', 'kube_node'],
  },
]

describe('nodes of an inventory', () => {
  it.each([
    ['INI', KUBESPRAY_INI],
    ['YAML', KUBESPRAY_YAML],
  ])('kubespray’s sample in %s', async (_title, tree) => {
    expect(await askFor(tree)).toEqual({ nodes: KUBESPRAY_NODES, warnings: [], secrets: [] })
  })

  it('none without files, and nothing is read', async () => {
    expect(await ask('/nonexistent', {})).toEqual({ nodes: undefined, warnings: [], secrets: [] })
    expect(await ask('/nonexistent', { defaults: { user: 'x' }, limit: 'x' })).toMatchObject({
      nodes: undefined,
    })
  })

  it('says when there is no host', async () => {
    expect(await askFor({ hosts: '# none yet\n' })).toMatchObject({
      nodes: [],
      warnings: ['no hosts in hosts'],
    })
  })

  it('from a folder, and from several sources by absolute and relative path', async () => {
    const dir = folderWith({ 'inv/a': 'a\n', 'inv/b.ini': 'not read\n', 'more.yml': 'all: {hosts: {b: }}\n' })
    const { nodes } = await ask(dir, { files: ['inv', `${dir}/more.yml`] })
    expect(nodes?.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each<readonly [string | readonly string[], string[]]>([
    ['kube_node', ['node2', 'node3']],
    ['all', ['node1', 'node2', 'node3']],
    ['!node2', ['node1', 'node3']],
    [
      ['k8s_cluster', '!etcd'],
      ['node2', 'node3'],
    ],
    [
      ['node1', 'kube_*', '!node3'],
      ['node1', 'node2'],
    ],
    ['node?', ['node1', 'node2', 'node3']],
  ])('limit %j', async (limit, names) => {
    const { nodes } = await askFor(KUBESPRAY_INI, { limit })
    expect(nodes?.map(({ name }) => name)).toEqual(names)
  })

  it('ends when the run is cancelled', async () => {
    await expect(
      ask(folderWith({ hosts: 'a\n' }), { files: 'hosts' }, AbortSignal.abort()),
    ).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('variables of a host', () => {
  it.each<readonly [string, Record<string, unknown>]>([
    ['', {}],
    ['ansible_host: 10.0.0.5', { host: '10.0.0.5' }],
    ['ansible_ssh_host: old, ansible_host: new', { host: 'old' }],
    ['ansible_host: "[2001:db8::1]"', { host: '2001:db8::1' }],
    ['ansible_port: 2222', { port: 2222 }],
    ['ansible_port: "2222"', { port: 2222 }],
    ['ansible_ssh_port: 2200, ansible_port: 22', { port: 2200 }],
    ['ansible_user: core', { user: 'core' }],
    ['ansible_user: 1000', { user: '1000' }],
    ['ansible_user: ""', {}],
    ['ansible_user: ', {}],
    ['ansible_ssh_user: old, ansible_user: new', { user: 'old' }],
    ['ansible_private_key_file: ~/.ssh/k', { identityFile: '~/.ssh/k' }],
    ['ansible_private_key_file: a, ansible_ssh_private_key_file: keys/b', { identityFile: 'keys/b' }],
    ['ansible_become: yes', { sudo: true }],
    ['ansible_become: "True"', { sudo: true }],
    ['ansible_become: 1', { sudo: true }],
    ['ansible_become: off', { sudo: false }],
    ['ansible_become: true, ansible_become_method: sudo, ansible_become_user: root', { sudo: true }],
    ['pkgcache_root: /srv/pk g, pkgcache_arch: arm64', { root: '/srv/pk g', arch: 'arm64' }],
    [
      'pkgcache_labels: {disk: ssd, rack: 12, "v": "1.10"}',
      { labels: { disk: 'ssd', rack: '12', v: '1.10' } },
    ],
    ['ansible_connection: ssh', {}],
    ['ansible_connection: paramiko', {}],
    ['ansible_connection: smart', {}],
    ['other: "{{ jinja }}", vaulted: !vault x, list: [1]', {}],
  ])('%s', async (vars, node) => {
    expect(await hostWith(vars)).toEqual({ node: { host: undefined, ...node }, warnings: [], secrets: [] })
  })

  it('labels in INI are a Python dictionary', async () => {
    const { nodes } = await askFor({ hosts: `h pkgcache_labels="{'disk': 'ssd', 'n': 1}"\n` })
    expect(nodes?.[0]?.labels).toEqual({ disk: 'ssd', n: '1' })
  })

  it('defaults stand back behind the variables', async () => {
    const defaults = {
      root: '/srv/x',
      sudo: true,
      knownHosts: './known_hosts',
      hostKeys: 'accept-new' as const,
      identityFile: '~/.ssh/k',
      user: 'core',
      proxyJump: 'bastion',
      labels: { a: '1', b: '1' },
    }
    expect(await hostWith('', { defaults })).toEqual({
      node: { host: undefined, ...defaults },
      warnings: [],
      secrets: [],
    })
    const vars = [
      'ansible_user: u, ansible_become: false, pkgcache_root: /r, pkgcache_labels: {b: "2"}, ansible_private_key_file: k',
      'ansible_ssh_common_args: "-o ProxyJump=none -o UserKnownHostsFile=kh -o StrictHostKeyChecking=yes"',
    ].join(', ')
    expect((await hostWith(vars, { defaults })).node).toEqual({
      host: undefined,
      root: '/r',
      sudo: false,
      knownHosts: 'kh',
      hostKeys: 'strict',
      identityFile: 'k',
      user: 'u',
      labels: { a: '1', b: '2' },
    })
  })
})

/** `ansible_ssh_common_args`, the settings, the warnings without their beginning. */
const ARGS: readonly (readonly [args: string, node: Record<string, unknown>, warnings?: string[]])[] = [
  ['-J bastion', { proxyJump: 'bastion' }],
  ['-Jcore@bastion:2222,second', { proxyJump: 'core@bastion:2222,second' }],
  ['-o ProxyJump=core@[2001:db8::1]:22', { proxyJump: 'core@[2001:db8::1]:22' }],
  ['-oProxyJump=ssh://core@bastion:22', { proxyJump: 'core@bastion:22' }],
  ["-o 'ProxyJump bastion'", { proxyJump: 'bastion' }],
  ['-o proxyjump=none', {}],
  ['-o UserKnownHostsFile=~/.ssh/kh', { knownHosts: '~/.ssh/kh' }],
  [
    `-o 'UserKnownHostsFile="a b"'`,
    { knownHosts: 'a' },
    ['not used: the second file of -o UserKnownHostsFile'],
  ],
  ['-o UserKnownHostsFile=%d/kh', {}, ['not used: -o UserKnownHostsFile']],
  [
    '-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no',
    {},
    [
      'UserKnownHostsFile=/dev/null is not honoured: host keys are always checked',
      'StrictHostKeyChecking=no is not honoured: host keys are always checked',
    ],
  ],
  ['-o StrictHostKeyChecking=accept-new', { hostKeys: 'accept-new' }],
  ['-o StrictHostKeyChecking=ask', { hostKeys: 'strict' }],
  ['-i keys/a', { identityFile: 'keys/a' }],
  ['-i a -o IdentityFile=b', { identityFile: 'a' }, ['not used: the second -o IdentityFile']],
  ['-p 2222 -l core', { port: 2222, user: 'core' }],
  ['-p 2222 -p 22', { port: 2222 }],
  [
    '-C -q -o ControlMaster=auto -o ControlPersist=60s -F cfg',
    {},
    ['not used: -C, -q, -o ControlMaster, -o ControlPersist, -F'],
  ],
  ['-qJ bastion stray', { proxyJump: 'bastion' }, ['not used: -q, "stray"']],
  ['-o ProxyCommand="ssh -W %h:%p core@bastion"', { proxyJump: 'core@bastion' }],
  ['-o ProxyCommand="ssh -W %h:%p -p 2222 -l core bastion"', { proxyJump: 'core@bastion:2222' }],
  ['-o ProxyCommand="/usr/bin/ssh core@bastion -p 2222 -W [%h]:%p"', { proxyJump: 'core@bastion:2222' }],
  ['-o ProxyCommand="ssh -o User=a -W %h:%p b@[2001:db8::1]:22"', { proxyJump: 'a@[2001:db8::1]:22' }],
  ['-o ProxyCommand="ssh -J first -W %h:%p second"', { proxyJump: 'first,second' }],
  [
    '-o ProxyCommand="ssh -q -i k -o StrictHostKeyChecking=no -W %h:%p bastion"',
    { proxyJump: 'bastion' },
    [
      'not used: -q of the jump host, identityFile of the jump host',
      'StrictHostKeyChecking=no is not honoured: host keys are always checked',
    ],
  ],
  ['-o ProxyCommand="nc -x proxy:1080 %h %p"', {}, ['not used: -o ProxyCommand']],
  ['-o ProxyCommand="ssh bastion nc %h %p"', {}, ['not used: -o ProxyCommand']],
  ['-o ProxyCommand="ssh -W %h:22 bastion"', {}, ['not used: -o ProxyCommand']],
]

describe('SSH arguments', () => {
  it.each(ARGS.map(([args, node, warnings = []]) => [args, node, warnings] as const))(
    '%s',
    async (args, node, warnings) => {
      const tree: Tree = { hosts: `[all:vars]\nansible_ssh_common_args = ${args}\n[all]\nh\n` }
      const told = await askFor(tree)
      expect(told.warnings).toEqual(warnings.map((warning) => `ansible_ssh_common_args: ${warning} (h)`))
      expect(told.nodes).toEqual([{ name: 'h', host: 'h', groups: [], ...node }])
    },
  )

  it('come in ssh’s order: ansible_ssh_args, variables, common, extra', async () => {
    const vars = [
      'ansible_ssh_args: "-p 1", ansible_port: 2, ansible_ssh_common_args: "-p 3 -l c -J c", ansible_ssh_extra_args: "-l e -i e -J e"',
      'ansible_private_key_file: v',
    ].join(', ')
    expect((await hostWith(vars)).node).toEqual({
      host: undefined,
      port: 1,
      user: 'c',
      proxyJump: 'c',
      identityFile: 'v',
    })
  })
})

describe('what is said and not done', () => {
  it.each<readonly [string, string]>([
    ['ansible_become: true, ansible_become_method: su', 'ansible_become_method is su; only sudo is used (h)'],
    [
      'ansible_become: true, ansible_become_user: app',
      'ansible_become_user is app; sudo installs as root (h)',
    ],
    [
      'ansible_host_key_checking: false',
      'ansible_host_key_checking=false is not honoured: host keys are always checked (h)',
    ],
    [
      'pkgcache_label: {a: b}',
      'pkgcache_label means nothing; there are pkgcache_root, pkgcache_arch, pkgcache_labels (h)',
    ],
  ])('%s', async (vars, warning) => {
    expect((await hostWith(vars)).warnings).toEqual([warning])
  })

  it('a host that SSH does not reach is left out', async () => {
    const tree: Tree = {
      hosts:
        'localhost ansible_connection=local\nbox ansible_connection=docker\nwin ansible_connection=winrm\nh\n',
    }
    const { nodes, warnings } = await askFor(tree)
    expect(nodes?.map(({ name }) => name)).toEqual(['h'])
    expect(warnings).toEqual([
      'left out, since ansible_connection is local (localhost)',
      'left out, since ansible_connection is docker (box)',
      'left out, since ansible_connection is winrm (win)',
    ])
  })

  it('secrets are named without their value, and told to core', async () => {
    const vars =
      'ansible_password: hunter2!, ansible_become_pass: 123456, ansible_ssh_pass: !vault x, db_password: other'
    const { warnings, secrets } = await hostWith(vars)
    const text = 'is not used: logging in is by key or agent, sudo without a password (h)'
    expect(warnings).toEqual([
      `ansible_password ${text}`,
      `ansible_become_pass ${text}`,
      `ansible_ssh_pass (encrypted) ${text}`,
    ])
    expect(secrets).toEqual(['hunter2!', '123456'])
  })

  it('one line for all hosts that it is about', async () => {
    const { warnings } = await askFor({ hosts: '[all:vars]\nansible_password=hunter2!\n[all]\nh[1:8]\n' })
    expect(warnings).toEqual([
      'ansible_password is not used: logging in is by key or agent, sudo without a password (h1, h2, h3, h4, h5 and 3 more)',
    ])
  })

  it('a group that cannot be one of a node is left out, a key that is there twice is told', async () => {
    const { nodes, warnings } = await askFor({
      'h.yml': '"my group": {hosts: {h: {a: 1, a: 2}}}\ng: {hosts: {h: }, odd: {x: y}}\ntext: x\n',
    })
    expect(nodes).toEqual([{ name: 'h', host: 'h', groups: ['g'] }])
    expect(warnings).toEqual([
      'h.yml:1: a is there twice, the last one counts',
      'h.yml:2 g.odd: a group has hosts, vars and children, nothing else; left out',
      'h.yml:3 text: this is no group: text; left out',
      '"my group" cannot be a group of nodes: no ! = * ? , and spaces in it (h)',
    ])
  })

  it('an encrypted file beside plain ones', async () => {
    const { nodes, warnings } = await askFor({
      hosts: 'h\n',
      'group_vars/all/vars.yml': 'ansible_user: core\n',
      'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3136\n',
    })
    expect(nodes).toEqual([{ name: 'h', host: 'h', user: 'core', groups: [] }])
    expect(warnings).toEqual([
      'group_vars/all/vault.yml:1: encrypted by ansible-vault; its variables are not known here',
    ])
  })
})
