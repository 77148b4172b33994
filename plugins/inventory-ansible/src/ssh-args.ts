import type { HostKeyPolicy } from '@pkgcache/core'
import { Broken } from './notes.ts'
import { shlexSplit } from './shlex.ts'

/** What SSH arguments say of a node. */
export interface SshSettings {
  readonly user?: string
  readonly port?: number
  readonly identityFile?: string
  readonly knownHosts?: string
  readonly hostKeys?: HostKeyPolicy
  /** As `ssh -J`; `none`: no host on the way, whatever stands elsewhere. */
  readonly proxyJump?: string
}

/** Settings, and what in the arguments has no meaning here. */
export interface SshArguments {
  readonly settings: SshSettings
  /** As they are written, without their values. */
  readonly unused: readonly string[]
  /** Whole sentences. */
  readonly refused: readonly string[]
}

/** Options of ssh(1) that take a value (OpenSSH 9.9, `getopt` in ssh.c). */
const WITH_VALUE = 'BbcDEeFIiJLlmOoPpQRSWw'

interface CommandLine {
  readonly options: readonly { readonly flag: string; readonly value: string }[]
  /** The destination, then the command. */
  readonly words: readonly string[]
}

/** A command line of ssh in its options and words; options can follow the destination. */
function parseCommandLine(args: readonly string[]): CommandLine {
  const options: { flag: string; value: string }[] = []
  const words: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-' || arg === '--' || words.length > 1) {
      if (arg !== '--') words.push(arg)
      continue
    }
    for (let at = 1; at < arg.length; at++) {
      const flag = arg.charAt(at)
      if (!WITH_VALUE.includes(flag)) {
        options.push({ flag, value: '' })
        continue
      }
      const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++index]
      if (value === undefined) throw new Broken(`-${flag} needs a value`)
      options.push({ flag, value })
      break
    }
  }
  return { options, words }
}

/** Short options and the keyword of ssh_config(5) that each stands for. */
const KEYWORDS: Readonly<Record<string, string>> = {
  J: 'ProxyJump',
  i: 'IdentityFile',
  l: 'User',
  p: 'Port',
}

interface Setting {
  readonly keyword: string
  readonly value: string
  readonly written: string
}

function settingOf({ flag, value }: CommandLine['options'][number]): Setting {
  if (flag !== 'o') return { keyword: KEYWORDS[flag] ?? '', value, written: `-${flag}` }
  const [, keyword = '', content = ''] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? []
  if (keyword === '') throw new Broken('-o takes Keyword=value')
  const bare = /^"([^"]*)"\s*$/.exec(content)?.[1] ?? content.trim()
  return { keyword, value: bare, written: `-o ${keyword}` }
}

/** What a keyword means: settings, or nothing when its value is none that can be used. */
type Meaning = (value: string, found: Findings) => SshSettings | undefined

interface Findings {
  readonly unused: string[]
  readonly refused: string[]
}

const UNCHECKED = 'host keys are always checked'

/** In lower case, as ssh compares them. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  user: (value) => ({ user: value }),
  port: (value) => ({ port: portOf(value) }),
  identityfile: (value) => usable(value, (identityFile) => ({ identityFile })),
  userknownhostsfile: knownHosts,
  stricthostkeychecking: hostKeys,
  proxyjump: (value) => ({ proxyJump: value === 'none' ? value : value.split(',').map(hop).join(',') }),
  proxycommand: proxyCommand,
}

/** @throws Broken */
export function portOf(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0
  if (port < 1 || port > 65_535)
    throw new Broken(`a port is a number from 1 to 65535, not ${JSON.stringify(value)}`)
  return port
}

/** Paths with tokens (`%d`) and variables (`${HOME}`) are for ssh alone. */
function usable(path: string, use: (path: string) => SshSettings): SshSettings | undefined {
  return /%|\$\{/.test(path) || path === 'none' ? undefined : use(path)
}

function knownHosts(value: string, found: Findings): SshSettings | undefined {
  const [first = '', ...others] = shlexSplit(value, false)
  if (first === '/dev/null' || first === 'none') {
    found.refused.push(`UserKnownHostsFile=${first} is not honoured: ${UNCHECKED}`)
    return {}
  }
  if (others.length > 0) found.unused.push('the second file of -o UserKnownHostsFile')
  return usable(first, (file) => ({ knownHosts: file }))
}

function hostKeys(value: string, found: Findings): SshSettings | undefined {
  const policy = value.toLowerCase()
  if (policy === 'accept-new') return { hostKeys: 'accept-new' }
  if (['yes', 'true', 'ask'].includes(policy)) return { hostKeys: 'strict' }
  if (!['no', 'false', 'off'].includes(policy)) return undefined
  found.refused.push(`StrictHostKeyChecking=${policy} is not honoured: ${UNCHECKED}`)
  return {}
}

/** `[user@]host[:port]`, an `ssh://` before it or not. @throws Broken */
export function hop(text: string): string {
  const bare = text.trim().replace(/^ssh:\/\//, '')
  if (/^(?:[^@\s,%-][^@\s,%]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s,:@[\]%-][^\s,:@[\]%]*)(?::\d{1,5})?$/.test(bare))
    return bare
  throw new Broken(`${JSON.stringify(text)} is no host on the way: write [user@]host[:port]`)
}

/** The shape that stood for a jump before ProxyJump did: `ssh -W %h:%p [options] [user@]bastion`. */
function proxyCommand(value: string, found: Findings): SshSettings | undefined {
  if (value === 'none') return { proxyJump: 'none' }
  const [program = '', ...args] = shlexSplit(value, false)
  const { options, words } = parseCommandLine(args)
  const forwards = options.some((option) => option.flag === 'W' && /^(?:%h|\[%h\]):%p$/.test(option.value))
  const [destination] = words
  if (!/^(?:.*\/)?ssh$/.test(program) || !forwards || destination === undefined || words.length > 1)
    return undefined
  const rest = options.filter(({ flag }) => flag !== 'W')
  const { settings, unused, refused } = interpret(rest)
  const lost = [
    ...unused,
    ...(['identityFile', 'knownHosts', 'hostKeys'] as const).filter((key) => settings[key]),
  ]
  found.unused.push(...lost.map((what) => `${what} of the jump host`))
  found.refused.push(...refused)
  const through =
    settings.proxyJump === undefined || settings.proxyJump === 'none' ? [] : [settings.proxyJump]
  return { proxyJump: [...through, jumpOf(hop(destination), settings)].join(',') }
}

/** A jump with user and port from the options of its command, which come before those of the destination. */
function jumpOf(destination: string, { user, port }: SshSettings): string {
  const [, ownUser, host, ownPort] = /^(?:([^@]+)@)?(.*?)(?::(\d+))?$/.exec(destination) ?? []
  const who = user ?? ownUser
  const where = port ?? ownPort
  return hop(`${who === undefined ? '' : `${who}@`}${host}${where === undefined ? '' : `:${where}`}`)
}

function interpret(options: CommandLine['options']): SshArguments {
  const found = { unused: [] as string[], refused: [] as string[] }
  let settings: SshSettings = {}
  for (const option of options) {
    const { keyword, value, written } = settingOf(option)
    const meant = MEANINGS[keyword.toLowerCase()]?.(value, found)
    if (meant === undefined) found.unused.push(written)
    else if (Object.keys(meant).some((key) => Object.hasOwn(settings, key))) {
      // of one keyword ssh takes the first; keys it would try one after the other
      if (meant.identityFile !== undefined) found.unused.push(`the second ${written}`)
    } else settings = { ...settings, ...meant }
  }
  return { settings, ...found }
}

/**
 * What `ansible_ssh_common_args` and the like say.
 * @throws Broken for what ssh would not take either
 */
export function parseSshArguments(text: string): SshArguments {
  const { options, words } = parseCommandLine(shlexSplit(text, false))
  const { settings, unused, refused } = interpret(options)
  return { settings, unused: [...unused, ...words.map((word) => JSON.stringify(word))], refused }
}
