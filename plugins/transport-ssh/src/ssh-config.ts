import { userInfo } from 'node:os'
import { PkgcacheError } from '@pkgcache/core/errors'
import { matchesList, wildcard } from './known-hosts.ts'
import type { Directive } from './ssh-config-file.ts'

/** Whom a config is asked about. */
export interface Question {
  /** The name as the operator gave it. */
  readonly host: string
  /** The user, where something else than the config says it. */
  readonly user: string | undefined
}

/** What a config says of one host: of each keyword all lines that apply, in order; mostly the first one counts. */
export class HostConfig {
  readonly #lines: readonly Directive[]

  constructor(lines: readonly Directive[]) {
    this.#lines = lines
  }

  /** All lines that apply, in order. */
  get lines(): readonly Directive[] {
    return this.#lines
  }

  /** The line of a keyword (in lower case) that counts. */
  line(keyword: string): Directive | undefined {
    return this.#lines.find((one) => one.keyword.toLowerCase() === keyword)
  }

  /** The value of that line. */
  value(keyword: string): string | undefined {
    return this.line(keyword)?.args[0]
  }

  /** All lines of a keyword that may be repeated. */
  all(keyword: string): Directive[] {
    return this.#lines.filter((one) => one.keyword.toLowerCase() === keyword)
  }
}

interface Walk {
  readonly question: Question
  readonly found: Directive[]
}

/**
 * The lines of a config that apply to a host, by the rules of ssh_config(5). No command is run for it.
 * @throws E_SSH_CONFIG for a Match that would need one, or that pkgcache cannot decide
 */
export function configOf(config: readonly Directive[], question: Question): HostConfig {
  const walk = { question, found: [] }
  gather(config, walk)
  return new HostConfig(walk.found)
}

function gather(lines: readonly Directive[], walk: Walk): void {
  for (const one of lines) {
    const keyword = one.keyword.toLowerCase()
    const applies =
      keyword === 'host'
        ? matchesHost(one.args, walk.question.host)
        : keyword === 'match'
          ? matchesCriteria(one, walk)
          : true
    if (!applies) continue
    if (one.bodies.length === 0) walk.found.push(one)
    for (const body of one.bodies) gather(body, walk)
  }
}

function matchesHost(patterns: readonly string[], host: string): boolean {
  const excluded = patterns.some((one) => one.startsWith('!') && wildcard(one.slice(1)).test(host))
  return !excluded && patterns.some((one) => !one.startsWith('!') && wildcard(one).test(host))
}

/** As OpenSSH: in order, and no further once one does not match. */
function matchesCriteria(line: Directive, walk: Walk): boolean {
  const words = [...line.args]
  while (words.length > 0) {
    const word = words.shift() ?? ''
    const negated = word.startsWith('!')
    const name = (negated ? word.slice(1) : word).toLowerCase()
    if (name === 'all') continue
    const subject = subjectOf(name, walk)
    if (subject === undefined) throw undecidable(line, name)
    const list = words.shift() ?? ''
    const patterns = (name.endsWith('host') ? list.toLowerCase() : list).split(',')
    if (matchesList(patterns, subject) === negated) return false
  }
  return true
}

function subjectOf(name: string, { question, found }: Walk): string | undefined {
  const said = (keyword: string) => found.find((one) => one.keyword.toLowerCase() === keyword)?.args[0]
  if (name === 'originalhost') return question.host.toLowerCase()
  if (name === 'host')
    return (said('hostname')?.replaceAll('%h', question.host) ?? question.host).toLowerCase()
  if (name === 'user') return question.user ?? said('user') ?? userInfo().username
  if (name === 'localuser') return userInfo().username
  return undefined
}

function undecidable(line: Directive, name: string): PkgcacheError {
  return new PkgcacheError('E_SSH_CONFIG', `${line.file} line ${line.line}: Match ${name} is not supported`, {
    hint:
      name === 'exec'
        ? 'pkgcache runs no command of an SSH config; use Host or Match host, or name another file with sshConfig of transport-ssh'
        : 'use Match host, originalhost, user, localuser or all, or name another file with sshConfig of transport-ssh',
  })
}
