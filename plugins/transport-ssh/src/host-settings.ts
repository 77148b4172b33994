import { userInfo } from 'node:os'
import type { HostKeyPolicy } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Place } from './connection.ts'
import { DEFAULT_FILES, type IdentitySettings } from './identity.ts'
import { matchesList } from './known-hosts.ts'
import { DEFAULT_CONNECT_TIMEOUT } from './options.ts'
import { expandHome } from './paths.ts'
import type { HostKeySettings, HostSettings } from './settings.ts'
import { configOf, type HostConfig } from './ssh-config.ts'
import type { Directive } from './ssh-config-file.ts'
import { DIRECTIVES, REFUSED } from './ssh-directives.ts'
import { expandTokens, type TokenValues } from './tokens.ts'

/** What pkgcache's own configuration says of a host; it wins over the SSH config. */
export interface Wanted {
  readonly host: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly identityFile?: string | undefined
  readonly knownHosts?: string | undefined
  readonly hostKeys?: HostKeyPolicy | undefined
  readonly proxyJump?: string | undefined
  /** For a host on the way: what the node says, where the SSH config says nothing. */
  readonly otherwise?: {
    readonly identityFile?: string | undefined
    readonly knownHosts?: string | undefined
    readonly hostKeys?: HostKeyPolicy | undefined
  }
}

/** What the plugin's options and its run add. */
export interface Surroundings {
  /** ms; undefined: the SSH config says, or a default. */
  readonly connectTimeout: number | undefined
  /** ms */
  readonly idleTimeout: number
  /** Said once in a run. */
  readonly warn: (message: string) => void
}

// ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile
const USER_FILES = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
const GLOBAL_FILES = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
const NONE = 'none'

/**
 * Puts together how a host is connected to.
 * @throws E_SSH_CONFIG for what pkgcache does not do, and for values that are none
 */
export function hostSettings(
  wanted: Wanted,
  directives: readonly Directive[],
  { connectTimeout, idleTimeout, warn }: Surroundings,
): HostSettings {
  const config = configOf(directives, { host: wanted.host, user: wanted.user })
  refuse(config, wanted)
  warnOf(config, warn)
  const place = placeOf(config, wanted)
  const jump = jumpOf(config, wanted)
  const alias = config.value('hostkeyalias')
  const tokens: TokenValues = { ...place, original: wanted.host, jump, alias }
  const seconds = (keyword: string) => number(config.line(keyword), parseSeconds) ?? 0
  const interval = seconds('serveraliveinterval') * 1000
  return {
    place,
    jump,
    hostKeys: hostKeysOf(config, wanted, tokens, warn),
    identities: identitiesOf(config, wanted, tokens),
    localAddress: config.value('bindaddress'),
    family: familyOf(config.value('addressfamily')),
    connectTimeout: connectTimeout ?? (seconds('connecttimeout') * 1000 || DEFAULT_CONNECT_TIMEOUT),
    keepalive: interval || Math.min(15_000, idleTimeout),
    keepaliveCount: number(config.line('serveralivecountmax'), parseCount) ?? 3,
  }
}

function refuse(config: HostConfig, wanted: Wanted): void {
  const faults = Object.entries(REFUSED).flatMap(([keyword, { off, unless }]) => {
    const line = config.line(keyword)
    const value = line?.args[0]?.toLowerCase() ?? ''
    if (line === undefined || off.includes(value) || (unless && wanted[unless] !== undefined)) return []
    return keyword === 'proxycommand' && isBefore(config, 'proxyjump', line) ? [] : [line]
  })
  const socket = config.line('controlpath')
  const master = config.value('controlmaster')?.toLowerCase() ?? 'no'
  if (socket !== undefined && socket.args[0]?.toLowerCase() !== NONE && master === 'no') faults.push(socket)
  const [first] = faults
  if (first === undefined) return
  const named = faults.map((one) => `${one.file} line ${one.line}: ${one.keyword}`).join('; ')
  throw new PkgcacheError(
    'E_SSH_CONFIG',
    `the SSH config asks for what pkgcache does not do for ${wanted.host}: ${named}`,
    {
      hint: 'take the line out for this host, or name another file, or false, with sshConfig of transport-ssh',
    },
  )
}

function isBefore(config: HostConfig, keyword: string, line: Directive): boolean {
  const other = config.line(keyword)
  return other !== undefined && config.lines.indexOf(other) < config.lines.indexOf(line)
}

function warnOf(config: HostConfig, warn: (message: string) => void): void {
  const ignored = config
    .all('ignoreunknown')
    .flatMap(({ args }) => args.flatMap((one) => one.toLowerCase().split(',')))
  for (const line of config.lines) {
    const keyword = line.keyword.toLowerCase()
    const treatment = DIRECTIVES.get(keyword)
    const where = `${line.file} line ${line.line}: ${line.keyword}`
    if (treatment === 'warned') warn(`${where} is not honoured`)
    if (treatment === undefined && !matchesList(ignored, keyword))
      warn(`${where} is not known, and passed over`)
  }
}

function placeOf(config: HostConfig, wanted: Wanted): Place {
  const name = config.value('hostname')
  return {
    host: name?.replace(/%([%h])/g, (_, token) => (token === 'h' ? wanted.host : '%')) ?? wanted.host,
    port: wanted.port ?? number(config.line('port'), parsePort) ?? 22,
    username: wanted.user ?? config.value('user') ?? userInfo().username,
  }
}

function jumpOf(config: HostConfig, wanted: Wanted): string | undefined {
  const command = config.line('proxycommand')
  const said = command && !isBefore(config, 'proxyjump', command) ? undefined : config.value('proxyjump')
  const jump = wanted.proxyJump ?? said
  return jump === undefined || jump === '' || jump.toLowerCase() === NONE ? undefined : jump
}

function hostKeysOf(
  config: HostConfig,
  wanted: Wanted,
  tokens: TokenValues,
  warn: (message: string) => void,
): HostKeySettings {
  const paths = (keyword: string) => {
    const line = config.line(keyword)
    return line?.args
      .filter((one) => one.toLowerCase() !== NONE)
      .map((one) => expandTokens(one, tokens, line))
  }
  const own = wanted.knownHosts === undefined ? paths('userknownhostsfile') : [wanted.knownHosts]
  const other = wanted.otherwise?.knownHosts
  const files = (own ?? (other === undefined ? USER_FILES : [other])).map(expandHome)
  const global = paths('globalknownhostsfile') ?? GLOBAL_FILES
  return {
    policy: wanted.hostKeys ?? policyOf(config, warn) ?? wanted.otherwise?.hostKeys ?? 'strict',
    files: wanted.knownHosts === undefined ? [...files, ...global] : files,
    ownFile: files[0],
    alias: tokens.alias,
    hash: isYes(config.value('hashknownhosts')),
    algorithms: config.value('hostkeyalgorithms'),
  }
}

function policyOf(config: HostConfig, warn: (message: string) => void): HostKeyPolicy | undefined {
  const line = config.line('stricthostkeychecking')
  const value = line?.args[0]?.toLowerCase()
  if (line === undefined) return undefined
  if (value === 'no' || value === 'off') {
    warn(
      `${line.file} line ${line.line}: host keys are checked although it says StrictHostKeyChecking ${value}`,
    )
  }
  return value === 'accept-new' ? 'accept-new' : 'strict'
}

function identitiesOf(config: HostConfig, wanted: Wanted, tokens: TokenValues): IdentitySettings {
  const agent = agentOf(config, tokens)
  if (wanted.identityFile !== undefined) {
    return { files: [expandHome(wanted.identityFile)], defaults: [], filesOnly: true, required: true, agent }
  }
  const lines = config.all('identityfile').flatMap((line) => line.args.map((text) => ({ line, text })))
  const named = lines.filter(({ text }) => text.toLowerCase() !== NONE)
  const other = wanted.otherwise?.identityFile
  const files = named.map(({ line, text }) => expandTokens(text, tokens, line))
  return {
    files: lines.length > 0 || other === undefined ? files : [expandHome(other)],
    defaults: lines.length > 0 ? [] : DEFAULT_FILES.map(expandHome),
    filesOnly: isYes(config.value('identitiesonly')),
    required: false,
    agent,
  }
}

function agentOf(config: HostConfig, tokens: TokenValues): string | undefined {
  const line = config.line('identityagent')
  const value = line?.args[0] ?? 'SSH_AUTH_SOCK'
  if (line === undefined || value === 'SSH_AUTH_SOCK') return process.env.SSH_AUTH_SOCK || undefined
  if (value.toLowerCase() === NONE) return undefined
  if (/^\$\w+$/.test(value)) return process.env[value.slice(1)] || undefined
  return expandTokens(value, tokens, line)
}

function isYes(value: string | undefined): boolean {
  return value?.toLowerCase() === 'yes'
}

function familyOf(value: string | undefined): 4 | 6 | undefined {
  if (value?.toLowerCase() === 'inet') return 4
  return value?.toLowerCase() === 'inet6' ? 6 : undefined
}

function number(
  line: Directive | undefined,
  parse: (text: string) => number | undefined,
): number | undefined {
  if (line === undefined) return undefined
  const value = parse(line.args[0] ?? '')
  if (value !== undefined) return value
  throw new PkgcacheError(
    'E_SSH_CONFIG',
    `${line.file} line ${line.line}: ${JSON.stringify(line.args[0] ?? '')} cannot be ${line.keyword}`,
    { hint: 'correct the value; ssh -G HOST shows what ssh makes of it' },
  )
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : undefined
}

function parseCount(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Time formats of sshd_config(5): `90`, `1m30s`. */
function parseSeconds(text: string): number | undefined {
  if (text === NONE) return 0
  if (!/^(\d{1,6}[smhdw]?)+$/i.test(text)) return undefined
  const parts = text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 1), 0)
}
