import { createHash } from 'node:crypto'
import { homedir, hostname, userInfo } from 'node:os'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Directive } from './ssh-config-file.ts'

/** What the tokens of ssh_config(5) "TOKENS" stand for. */
export interface TokenValues {
  /** The host as it was given. */
  readonly original: string
  readonly host: string
  readonly port: number
  readonly username: string
  readonly jump: string | undefined
  readonly alias: string | undefined
}

/**
 * A value with its `%` tokens and `${VARIABLES}` replaced, and `~`.
 * @throws E_SSH_CONFIG for a token that is none, or a variable that is not set
 */
export function expandTokens(text: string, values: TokenValues, line: Directive): string {
  const fail = (what: string, hint: string) =>
    new PkgcacheError('E_SSH_CONFIG', `${line.file} line ${line.line}: ${line.keyword} has ${what}`, { hint })
  const expanded = text.replace(/%(.?)|\$\{([^}]*)\}/g, (whole, token?: string, variable?: string) => {
    if (variable !== undefined) {
      const value = process.env[variable]
      if (value !== undefined) return value
      throw fail(`${whole}, which is not set`, `set ${variable}`)
    }
    const value = tokenValue(token ?? '', values)
    if (value === undefined) throw fail(`the token ${whole}, which is none`, 'write %% for a percent sign')
    return value
  })
  return expanded === '~' || expanded.startsWith('~/') ? `${homedir()}${expanded.slice(1)}` : expanded
}

function tokenValue(token: string, values: TokenValues): string | undefined {
  const { original, host, port, username, jump, alias } = values
  switch (token) {
    case '%':
      return '%'
    case 'd':
      return homedir()
    case 'h':
      return host
    case 'i':
      return String(userInfo().uid)
    case 'j':
      return jump ?? ''
    case 'k':
      return alias ?? host
    case 'L':
      return hostname().split('.')[0]
    case 'l':
      return hostname()
    case 'n':
      return original
    case 'p':
      return String(port)
    case 'r':
      return username
    case 'u':
      return userInfo().username
    case 'C':
      return createHash('sha1')
        .update(`${hostname()}${host}${port}${username}${jump ?? ''}`)
        .digest('hex')
    default:
      return undefined
  }
}
