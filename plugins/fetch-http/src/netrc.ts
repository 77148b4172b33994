import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type PluginContext, systemCode } from '@pkgcache/core'

/** What a netrc file says of one machine, or of all others. */
export interface NetrcEntry {
  /** Undefined for `default`. */
  readonly machine: string | undefined
  readonly login: string
  /** An entry without one is no use, but it still answers for its machine. */
  readonly password: string | undefined
}

/** Where a netrc file cannot be understood. Says nothing of what stands there. */
export interface NetrcFault {
  readonly line: number
  readonly why: string
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const FIELDS: readonly string[] = ['machine', 'login', 'password', 'account', 'macdef']

/**
 * The entries of a netrc file, in their order: the format of ftp(1) with curl's quotes (`"a \"b\""`) and comments (lines
 * that begin with `#`, and the rest of a line where a keyword could stand).
 */
export function parseNetrc(text: string): readonly NetrcEntry[] | NetrcFault {
  const reader = new Reader()
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    const why = reader.line(line)
    if (why !== undefined) return { line: index + 1, why }
  }
  return reader.field === undefined
    ? reader.entries
    : { line: lines.length, why: `nothing follows ${reader.field}` }
}

class Reader {
  readonly entries: { machine: string | undefined; login: string; password: string | undefined }[] = []
  /** Whose value is to come. */
  field: string | undefined
  /** Within a macro, which ends with an empty line. */
  #macro = false

  /** @returns why it cannot be understood */
  line(line: string): string | undefined {
    if (this.#macro) {
      this.#macro = line.trim() !== ''
      return undefined
    }
    if (/^\s*#/.test(line)) return undefined
    for (const token of tokens(line)) {
      if (token === undefined) return 'a quote is not closed'
      if (this.field === undefined && token.startsWith('#')) return undefined
      const why = this.field === undefined ? this.#keyword(token) : this.#value(this.field, token)
      if (why !== undefined || this.#macro) return why
    }
    return undefined
  }

  #keyword(token: string): string | undefined {
    if (token === 'default') this.#begin(undefined)
    else if (FIELDS.includes(token)) this.field = token
    else return `a word is none of default, ${FIELDS.join(', ')}`
    return undefined
  }

  #value(field: string, value: string): string | undefined {
    this.field = undefined
    if (field === 'machine') this.#begin(value.toLowerCase())
    else if (field === 'macdef') this.#macro = true
    else {
      const entry = this.entries.at(-1)
      if (entry === undefined) return `${field} stands before any machine`
      if (field === 'login' || field === 'password') entry[field] = value
    }
    return undefined
  }

  #begin(machine: string | undefined): void {
    this.entries.push({ machine, login: '', password: undefined })
  }
}

/** The words of a line; undefined in place of one whose quote is not closed. */
function* tokens(line: string): Iterable<string | undefined> {
  for (const [, quoted, open, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(")|([^\s"]\S*)/g)) {
    if (open !== undefined) return yield undefined
    yield plain ?? quoted?.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char)
  }
}

/** The user's netrc file, read with the first request that may need it. */
export class Netrc {
  readonly #env: Readonly<Record<string, string | undefined>>
  #entries: Promise<readonly NetrcEntry[]> | undefined

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  /**
   * Value of an Authorization header for a URL (RFC 7617), undefined when there is none. `default` counts for https only;
   * http, where anybody on the way reads along, needs a `machine` of its own.
   */
  async authorization(url: URL, ctx: PluginContext): Promise<string | undefined> {
    this.#entries ??= this.#read(ctx)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const entries = await this.#entries
    const entry = entries.find(({ machine }) => machine === host) ?? entries.find(isDefault)
    if (entry?.password === undefined || (isDefault(entry) && url.protocol !== 'https:')) return undefined
    const credentials = Buffer.from(`${entry.login}:${entry.password}`).toString('base64')
    ctx.secret(entry.password)
    ctx.secret(credentials)
    return `Basic ${credentials}`
  }

  async #read({ logger, secret }: PluginContext): Promise<readonly NetrcEntry[]> {
    const named = this.#env.NETRC || undefined
    const file = named ?? join(homedir(), '.netrc')
    try {
      const parsed = parseNetrc(await readFile(file, 'utf8'))
      if (!('why' in parsed)) {
        for (const { password } of parsed) if (password !== undefined) secret(password)
        return parsed
      }
      logger.warn(`${file} line ${parsed.line}: ${parsed.why}; no credentials are taken from it`)
    } catch (error) {
      const code = systemCode(error) ?? 'unknown error'
      if (named !== undefined || code !== 'ENOENT') {
        logger.warn(`${file} cannot be read (${code}); no credentials are taken from it`)
      }
    }
    return []
  }
}

function isDefault({ machine }: NetrcEntry): boolean {
  return machine === undefined
}
