import type { NodeConfig } from '@pkgcache/core'
import { Broken, type Notes } from './notes.ts'
import type { NodeDefaults } from './options.ts'
import { hop, parseSshArguments, portOf, type SshSettings } from './ssh-args.ts'
import { type Place, VAULTED, type Vars } from './values.ts'
import { Variables } from './variables.ts'

/** A host with all that is known of it. */
export interface HostFacts {
  readonly name: string
  readonly at: Place
  /** Without `all` and `ungrouped`. */
  readonly groups: readonly string[]
  readonly vars: Vars
}

/** What host configs are made with. */
export interface Making {
  readonly defaults: NodeDefaults
  readonly notes: Notes
  /** Told of every secret that is met. */
  secret(text: string): void
}

/** How Ansible reaches what pkgcache can reach, too. */
const CONNECTIONS = /^(?:ansible\.builtin\.|ansible\.netcommon\.)?(?:ssh|smart|paramiko|paramiko_ssh|libssh)$/
const SECRET = /^ansible_\w*(?:pass|password|passwd|passphrase|private_key)$/
const OWN = ['pkgcache_root', 'pkgcache_arch', 'pkgcache_labels']

/** The node that a host is; undefined when it is left out, or has faults. */
export function toNodeConfig(host: HostFacts, making: Making): NodeConfig | undefined {
  const { name, vars } = host
  const { notes, defaults } = making
  const variables = new Variables(vars, notes)
  const connection = variables.text('ansible_connection')
  if (connection !== undefined && !CONNECTIONS.test(connection)) {
    notes.warn(`left out, since ansible_connection is ${connection}`, name)
    return undefined
  }
  const checked = notes.attempt(host.at, () => checkedName(name))
  tellSecrets(host, making)
  tellUnknown(host, notes)
  const ssh = { ...fromDefaults(defaults), ...sshOf(variables, name, notes) }
  const { proxyJump, ...rest } = ssh
  const sudo = variables.flag('ansible_become') ?? defaults.sudo
  if (sudo === true) tellBecome(variables, name, notes)
  const labels = { ...defaults.labels, ...variables.mapping('pkgcache_labels') }
  const root = variables.get(['pkgcache_root'], absolute) ?? defaults.root
  const arch = variables.text('pkgcache_arch')
  if (checked === undefined) return undefined
  return {
    name,
    host: variables.get(['ansible_host', 'ansible_ssh_host'], address) ?? name,
    ...rest,
    ...(proxyJump !== undefined && proxyJump !== 'none' && { proxyJump }),
    ...(root !== undefined && { root }),
    ...(sudo !== undefined && { sudo }),
    ...(arch !== undefined && { arch }),
    groups: groupsOf(host, notes),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
}

/** Patterns choose by it, and messages name it. @throws Broken */
function checkedName(name: string): string {
  if (/^[^!=*?,\s\p{Cc}-][^!=*?,\s\p{Cc}]*$/u.test(name) && name !== 'all' && name.length <= 253) return name
  throw new Broken(
    `a node cannot be called ${JSON.stringify(name)}: a name has no ! = * ? , and spaces, no - in front, is not "all"`,
  )
}

function groupsOf({ groups, name }: HostFacts, notes: Notes): string[] {
  return groups.filter((group) => {
    const fits = /^[^!=*?,\s]+$/.test(group)
    if (!fits)
      notes.warn(`${JSON.stringify(group)} cannot be a group of nodes: no ! = * ? , and spaces in it`, name)
    return fits
  })
}

function address(data: unknown): string {
  const text = typeof data === 'bigint' ? String(data) : data
  if (typeof text !== 'string') throw new Broken('must be text; put it in quotes')
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text
  if (/^[^\s@/\p{Cc}-][^\s@/\p{Cc}]*$/u.test(bare)) return bare
  throw new Broken(`${JSON.stringify(text)} is neither the name nor the address of a host`)
}

function absolute(data: unknown): string {
  if (typeof data === 'string' && /^\/\P{Cc}*$/u.test(data)) return data
  throw new Broken('must be an absolute path on the node')
}

function fromDefaults({ user, identityFile, knownHosts, hostKeys, proxyJump }: NodeDefaults): SshSettings {
  return {
    ...(user !== undefined && { user }),
    ...(identityFile !== undefined && { identityFile }),
    ...(knownHosts !== undefined && { knownHosts }),
    ...(hostKeys !== undefined && { hostKeys }),
    ...(proxyJump !== undefined && { proxyJump: proxyJump.split(',').map(hop).join(',') }),
  }
}

/** As Ansible puts its command line together; of two options for one thing ssh takes the first. */
function sshOf(variables: Variables, host: string, notes: Notes): SshSettings {
  const [first, common, extra] = [
    'ansible_ssh_args',
    'ansible_ssh_common_args',
    'ansible_ssh_extra_args',
  ].map((name) => argumentsIn(name, variables, host, notes))
  for (const name of ['ansible_host_key_checking', 'ansible_ssh_host_key_checking']) {
    if (variables.flag(name) === false)
      notes.warn(`${name}=false is not honoured: host keys are always checked`, host)
  }
  return { ...extra, ...common, ...ownVariables(variables), ...first }
}

function argumentsIn(
  name: string,
  variables: Variables,
  host: string,
  notes: Notes,
): SshSettings | undefined {
  return variables.get([name], (data) => {
    if (typeof data !== 'string') throw new Broken('must be text')
    const { settings, unused, refused } = parseSshArguments(data)
    if (unused.length > 0) notes.warn(`${name}: not used: ${[...new Set(unused)].join(', ')}`, host)
    for (const sentence of refused) notes.warn(`${name}: ${sentence}`, host)
    return settings
  })
}

function ownVariables(variables: Variables): SshSettings {
  const port = variables.get(['ansible_port', 'ansible_ssh_port'], (data) => portOf(String(data)))
  const user = variables.text('ansible_user', 'ansible_ssh_user')
  const identityFile = variables.text('ansible_private_key_file', 'ansible_ssh_private_key_file')
  return {
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(identityFile !== undefined && { identityFile }),
  }
}

function tellBecome(variables: Variables, host: string, notes: Notes): void {
  const method = variables.text('ansible_become_method')
  if (method !== undefined && !/^(?:ansible\.builtin\.)?sudo$/.test(method))
    notes.warn(`ansible_become_method is ${method}; only sudo is used`, host)
  const user = variables.text('ansible_become_user', 'ansible_sudo_user')
  if (user !== undefined && user !== 'root')
    notes.warn(`ansible_become_user is ${user}; sudo installs as root`, host)
}

function tellSecrets({ name, vars }: HostFacts, { notes, secret }: Making): void {
  for (const [variable, { data }] of vars) {
    if (!SECRET.test(variable) || data === null || data === '') continue
    if (typeof data === 'string' || typeof data === 'bigint') secret(String(data))
    const secrecy = data === VAULTED ? ' (encrypted)' : ''
    notes.warn(
      `${variable}${secrecy} is not used: logging in is by key or agent, sudo without a password`,
      name,
    )
  }
}

function tellUnknown({ name, vars }: HostFacts, notes: Notes): void {
  for (const variable of vars.keys()) {
    if (variable.startsWith('pkgcache_') && !OWN.includes(variable))
      notes.warn(`${variable} means nothing; there are ${OWN.join(', ')}`, name)
  }
}
