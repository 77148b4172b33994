import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftOut } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { Files } from '../src/files.ts'
import { Notes } from '../src/notes.ts'
import { ReadInventory } from '../src/read.ts'
import type { Data, Value } from '../src/values.ts'
import { KUBESPRAY_INI, KUBESPRAY_YAML } from './kubespray.ts'
import { folderWith, type Tree } from './support.ts'

const SUITE = 'inventories as ansible-inventory reads them'
const found = spawnSync('ansible-inventory', ['--version'])
const missing = found.status === 0 ? undefined : 'no ansible-inventory (Debian: ansible-core)'

/** Groups with their own hosts and children, and the variables of each host: what `--list` prints, sorted. */
interface Listing {
  readonly groups: Readonly<Record<string, { readonly hosts: string[]; readonly children: string[] }>>
  readonly hosts: readonly string[]
  readonly vars: Readonly<Record<string, unknown>>
}

/** Runs the program with nothing of this machine's configuration. */
function list(dir: string, sources: readonly string[]) {
  const args = sources.flatMap((source) => ['-i', join(dir, source)])
  const config = join(folderWith({ 'ansible.cfg': '' }), 'ansible.cfg')
  const env = { PATH: process.env.PATH, HOME: dir, ANSIBLE_CONFIG: config, LC_ALL: 'C.UTF-8' }
  return spawnSync('ansible-inventory', [...args, '--list'], { cwd: tmpdir(), env, encoding: 'utf8' })
}

function ansible(dir: string, sources: readonly string[]): Listing {
  const { stdout, stderr, status } = list(dir, sources)
  if (status !== 0) throw new Error(stderr)
  const { _meta, ...listed } = JSON.parse(stdout, unwrapped) as {
    _meta: { hostvars: Record<string, unknown> }
  } & Record<string, { hosts?: string[]; children?: string[] }>
  const groups = Object.entries(listed).map(([name, { hosts = [], children = [] }]) => [
    name,
    { hosts: hosts.sort(), children: children.sort() },
  ])
  const hosts = [
    ...new Set([
      ...Object.keys(_meta.hostvars),
      ...groups.flatMap(([, group]) => (group as { hosts: string[] }).hosts),
    ]),
  ]
  return { groups: Object.fromEntries(groups), hosts: hosts.sort(), vars: _meta.hostvars }
}

/** `!unsafe` text is marked in the listing. */
function unwrapped(_key: string, value: unknown): unknown {
  const isMarked = typeof value === 'object' && value !== null && '__ansible_unsafe' in value
  return isMarked ? value.__ansible_unsafe : value
}

function plain(data: Data): unknown {
  if (typeof data === 'bigint') return Number(data)
  if (data instanceof Map)
    return Object.fromEntries([...data].map(([key, { value }]) => [key, plain(value.data)]))
  return Array.isArray(data) ? data.map((one: Value) => plain(one.data)) : data
}

async function ours(dir: string, sources: readonly string[]): Promise<Listing> {
  const notes = new Notes()
  const files = new Files(dir, notes, new AbortController().signal)
  const read = await ReadInventory.of(
    sources.map((source) => join(dir, source)),
    files,
    notes,
  )
  const { groups, hosts } = read.inventory
  const vars: Record<string, unknown> = {}
  for (const host of hosts.values()) {
    const own = [...(await read.varsOf(host))].map(([name, { data }]) => [name, plain(data)])
    if (own.length > 0) vars[host.name] = Object.fromEntries(own)
  }
  notes.settle()
  // what holds nothing is not listed, and `all` lists no hosts
  const listed = [...groups.values()].flatMap(({ name, children }) => {
    const own = [...hosts.values()].filter((host) => [...host.groups].some((group) => group.name === name))
    const below = [...children].map((child) => child.name)
    if (name === 'all') {
      const orphans = [...groups.values()].filter((group) => group.parents.size === 0 && group.name !== 'all')
      below.push(...orphans.map((group) => group.name))
    }
    const content = {
      hosts: name === 'all' ? [] : own.map((host) => host.name).sort(),
      children: below.sort(),
    }
    return content.hosts.length + content.children.length > 0 ? [[name, content]] : []
  })
  return { groups: Object.fromEntries(listed), hosts: [...hosts.keys()].sort(), vars }
}

/** A title, the files, and the sources where they are not the first file. */
type Case = readonly [title: string, tree: Tree, sources?: readonly string[]]

const CASES: readonly Case[] = [
  ['kubespray in INI', KUBESPRAY_INI],
  ['kubespray in YAML', KUBESPRAY_YAML],
  [
    'ranges and ports',
    {
      hosts: `web[01:03].example.com
db-[a:c]:2201 role=db
x[1:10:3]y[a:b]
10.0.[0:1].[1:2]
[2001:db8::1]:22
2001:db8::2
[2001:db8::[a:b]]:2222
n[8:11]
[named.host]:23
under_score-1:24
names_[:2]
UPPER[A:C]
bad-:25
web01.example.com:99
`,
    },
  ],
  [
    'values of hosts in INI',
    {
      'hosts.ini': `[g]
h1 a=1 b=1.10 c=010 d=0x1F e=True f=true g=None h='quoted' i="a b" j=[1,'x'] k="[1,'x']" l="{'a': {'b': (1, 2)}}"
h2 a="'in both'" b='"in both"' c=x#y d="x#y" e=x\\ y f=1_000 g= h="" i=a=b j='-o X="y z"' # comment
h3 a="'a' 'b'" b="u'x'" c="r'\\\\n'" d="'\\\\x41\\\\u00e9\\\\n'" e=1e3 f=-1 g="- 1" h=1, i=.5 j=5. k=00 l=0o17 m=0b11
h4 a=10.0.0.1 b=1.2.3 c=web-1 d=5-3 e="not True" f="[1,"  g="{1: 2, None: 3}" i="()" j="(1)" l=--1 m=v1.2 n=3com o=5j.
h5 a="'''x'''" b="[[1],[2,],]" c="'x" d="'x' # c" e="{'a':1,}" g="\\"q\\"" h="b'bytes'"
`,
    },
  ],
  [
    'values of groups in INI',
    {
      'hosts.ini': `h1
[g]
h1
[g:vars]
a = 5 # c
b = x # c
c = 'x' # c
d = "a b"
e=f = g
g = [1, 2]
h =
i = yes
j='-o ProxyCommand="ssh -W %h:%p bastion"'
k = {'a': 1.50}
`,
    },
  ],
  [
    'sections in INI',
    {
      'hosts.ini': `; comment
lonely
[web] # comment
a
b x=1
[db:children]
pg
my
[pg]
p1
[my]
m1
[web]
c
[everything:children]
db
web   # comment
[ungrouped]
u1
a
[web:vars]
x=2
y=2
[all:vars]
z=all
y=all
[empty]
[my-group]
h-1
[late:vars]
v=1
[late]
l1
`,
    },
  ],
  [
    'precedence by depth, priority and name',
    {
      hosts: `[top:children]
mid
[mid:children]
low
[low]
h
[b_flat]
h
[a_flat]
h
[z_prio]
h
[top:vars]
v=top
w=top
o=top
[mid:vars]
v=mid
o=mid
[low:vars]
v=low
ansible_group_priority=5
[a_flat:vars]
n=a
p=a
w=a
[b_flat:vars]
n=b
p=b
[z_prio:vars]
p=z
n=z
ansible_group_priority=-1
[all:vars]
v=all
w=all
q=all
[ungrouped:vars]
q=ungrouped
`,
    },
  ],
  [
    'files of variables',
    {
      hosts: `h v=inline w=inline own=inline
g.h
[g]
h
g.h
[g:vars]
v=g-inline
x=g-inline
y=g-inline
[all:vars]
y=all-inline
`,
      'group_vars/all.yml': 'y: all-file\nx: all-file\n',
      'group_vars/g/10-first.yml': 'x: first\nz: first\n',
      'group_vars/g/20-second.json': '{"x": "second",\n\t"n": 1e3, "yes": "on"}',
      'group_vars/g/sub/deep': 'deep: 1\n',
      'group_vars/g/.hidden.yml': 'x: hidden\n',
      'group_vars/g/backup.yml~': 'x: backup\n',
      'group_vars/g/notes.txt': 'x: text\n',
      'group_vars/g.yml': 'x: shadowed\n',
      'group_vars/ungrouped.yml': 'u: 1\n',
      'host_vars/h.yml': 'v: host-file\nown: {a: 1}\n',
      'host_vars/h.yaml': 'v: shadowed\n',
      'host_vars/g.h': 'v: dotted\n',
      'host_vars/other.yml': 'v: [broken\n',
    },
  ],
  [
    'a folder of inventories',
    {
      'inv/10-base': '[web]\na v=base\nb\n',
      'inv/20-more.yml': 'web:\n  hosts: {a: {v: more, p: 1}, c: }\nnew: {children: {web: }}\n',
      'inv/30-vars': '[web:vars]\nw=1\n',
      'inv/sub/x': 'deep\n',
      'inv/ignored.ini': 'ignored\n',
      'inv/ignored.cfg': 'ignored\n',
      'inv/ignored.txt': 'ignored\n',
      'inv/ignored.md': 'ignored\n',
      'inv/ignored.orig': 'ignored\n',
      'inv/ignored.retry': 'ignored\n',
      'inv/ignored~': 'ignored\n',
      'inv/.hidden': 'ignored\n',
      'inv/group_vars/web.yml': 'x: folder\n',
      'inv/sub/group_vars/all.yml': 'x: not read\n',
      'group_vars/all.yml': 'x: not read either\n',
    },
    ['inv'],
  ],
  [
    'several sources, the later one wins',
    {
      'a/hosts': '[g]\nh:2200 v=a w=a\n[low]\nh\n[g:children]\nlow\n',
      'a/group_vars/low.yml': 'f: a-low\n',
      'a/group_vars/g.yml': 'f: a-g\n',
      'b/hosts.yml': 'g: {hosts: {"h:2300": {v: b}}}\n',
      'b/group_vars/g.yml': 'f: b-g\n',
    },
    ['a/hosts', 'b/hosts.yml'],
  ],
  [
    'scalars of YAML 1.1',
    {
      'hosts.yml': `all:
  hosts:
    h:
      a: [yes, No, on, OFF, "yes", true, y, n, ~, null, Null, nULL, '']
      b: [1.10, 1e3, 1.0e+3, .5, 5., 010, 08, 0o17, 0x1F, 0b11, 1_000, +5, -5, 1:30, 01:30, 1:30.5, '010']
      c: [2020-01-02, 10.0.0.1, v1.2, 1.2.3, "a\\u00e9", 'it''s', "<<"]
      d: !!str 5
      e: !!int "5"
      f: !!float 5
      g: |
        literal
          text
      h: >-
        folded
        text
      i: !unsafe "{{ x }}"
      j:
      k: {a: 1, b: {c: [1, {d: e}]}}
      5: five
      yes: bool
      l: plain text # comment
      m: plain
        on two lines
      n: !!bool "no"
`,
    },
  ],
  [
    'anchors, merges and duplicate keys',
    {
      'hosts.yml': `x-unused: &base {user: core, port: 1}
all:
  vars: &vars
    <<: *base
    port: 2
    list: &list [1, 2]
    again: *list
  hosts:
    h1: {<<: *vars, port: 3}
    h2:
      <<: [{a: 1, b: 1}, {a: 2, c: 2}]
      b: own
    h3: {a: 1, a: 2}
`,
    },
  ],
  [
    'structures of YAML',
    {
      inventory: `---
web:
  hosts: single
  children:
    inner: {hosts: {i1: {x: 1}}}
  vars: {x: web, ansible_group_priority: 3}
other: {hosts: {"10.0.0.[1:3]:22": {y: 1}, single: }, vars: }
nothing:
all:
  children: {web: {vars: {z: 1}}}
  hosts: {alone: }
  odd: {a: b}
ungrouped: {hosts: {i1: , u: }}
`,
    },
  ],
  [
    'JSON',
    {
      'hosts.json':
        '{\n\t"g": {\n\t\t"hosts": {"h": {"a": 1.0, "b": "\\u00e9", "c": [true, null], "d": "yes"}}}}',
    },
  ],
  ['an empty file', { hosts: '' }],
  ['a comment alone in YAML', { 'hosts.yml': '# nothing\n' }],
  ['INI in a file without an extension', { hosts: 'a: b\n'.replace(': ', ' x=') }],
  ['a host that is called as a group', { hosts: '[web]\na\n[x]\nweb v=1\n' }],
  ['line ends of Windows', { hosts: '[web]\r\na x=1\r\n' }],
  [
    'a comment in Latin-1',
    { 'h.ini': Buffer.concat([Buffer.from('# '), Buffer.from([0xe9]), Buffer.from('\na\n')]) },
  ],
]

describe.skipIf(leftOut(SUITE, missing))(SUITE, () => {
  it.each(
    CASES.map(([title, tree, sources = [Object.keys(tree)[0] ?? '']]) => [title, tree, sources] as const),
  )('%s', async (_title, tree, sources) => {
    const dir = folderWith(tree)
    expect(await ours(dir, sources)).toEqual(ansible(dir, sources))
  })

  it('an executable file that is no script', async () => {
    const dir = folderWith({ hosts: '[web]\na x=1\n' })
    chmodSync(join(dir, 'hosts'), 0o755)
    expect(await ours(dir, ['hosts'])).toEqual(ansible(dir, ['hosts']))
  })

  /** What Ansible refuses, too: it warns that the source cannot be parsed. */
  it.each<readonly [string, Tree]>([
    ['a range without an end', { hosts: 'web[1:]\n' }],
    ['a range of unequal lengths', { hosts: 'web[01:100]\n' }],
    ['an open quote', { hosts: 'web a="x\n' }],
    ['a word that is no assignment', { hosts: 'web x\n' }],
    ['a colon without a port', { 'hosts.ini': 'web:\n' }],
    ['an unknown section', { hosts: '[web:hostz]\n' }],
    ['a section with a space', { hosts: '[my web]\n' }],
    ['variables of an undefined group', { hosts: '[web:vars]\na=1\n' }],
    ['an undefined child', { hosts: '[web:children]\ndb\n' }],
    ['a group in itself', { hosts: '[web:children]\nweb\n[web]\n' }],
    ['groups in each other', { hosts: '[a:children]\nb\n[b:children]\na\n[a]\n[b]\n' }],
    ['a list in YAML', { 'hosts.yml': '- a\n- b\n' }],
    ['hosts as a list', { 'hosts.yml': 'all: {hosts: [a]}\n' }],
    ['a host that is a number', { 'hosts.yml': 'all: {hosts: {1.5: }}\n' }],
    ['a group that is a number', { 'hosts.yml': '5: {hosts: {a: }}\n' }],
    ['variables that are text', { 'hosts.yml': 'all: {hosts: {a: text}}\n' }],
    ['a tag that nobody knows', { 'hosts.yml': 'all: {hosts: {a: {b: !foo c}}}\n' }],
    [
      'a priority that is text',
      { 'hosts.yml': 'all: {children: {g: {vars: {ansible_group_priority: high}}}}\n' },
    ],
    ['two documents', { 'hosts.yml': 'all: {hosts: {a: }}\n---\nall: {}\n' }],
    ['broken YAML', { 'hosts.yml': 'all:\n  hosts:\n   a: [1\n' }],
  ])('%s', async (_title, tree) => {
    const dir = folderWith(tree)
    const [source = ''] = Object.keys(tree)
    await expect(ours(dir, [source])).rejects.toMatchObject({ code: 'E_INVENTORY' })
    expect(list(dir, [source]).stderr).toMatch(/Unable\s+to\s+parse\s+\S+\s+as\s+an\s+inventory/)
  })
})
