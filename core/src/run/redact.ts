import { type PkgcacheError, withTexts } from '../errors/error.ts'
import { isMaskable, SECRET_QUERY, secretsIn, secretsOfEnvironment } from './secrets.ts'

const MASK = '***'
// user:password@ in any URL, and secrets in any query: whether or not anybody told us about them
const BY_FORM = new RegExp(
  String.raw`(:(?:\\?\/){2})[^\s/?#"<>]*@|(${SECRET_QUERY})[^&\s#"'<>\\)\]}\x60]+`,
  'gi',
)

/** Masks secrets in whatever leaves pkgcache: those it was told of, and those that URLs show by their form. */
export class Redactor {
  readonly #secrets = new Set<string>()
  #compiled: RegExp | undefined

  /** Short strings and everyday words are ignored: masking them would only garble the text. */
  add(secret: string): void {
    if (!isMaskable(secret) || this.#secrets.has(secret)) return
    this.#secrets.add(secret)
    this.#compiled = undefined
  }

  /** Adds what sounds secret in a config or in options: by its key, and in URLs. */
  addFrom(value: unknown): void {
    for (const secret of secretsIn(value)) this.add(secret)
  }

  /** Adds what a whole config holds; of its plugins only their options. */
  addConfig(config: unknown): void {
    if (typeof config !== 'object' || config === null) return
    const { plugins, ...rest } = config as { plugins?: unknown }
    this.addFrom(rest)
    // a schema that says `token: { type: 'string' }` tells no secret
    for (const plugin of Array.isArray(plugins) ? plugins : []) this.addFrom(plugin?.options)
  }

  /** Adds the values of variables that sound secret, and credentials in proxies' URLs. */
  addEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const secret of secretsOfEnvironment(env)) this.add(secret)
  }

  mask(text: string): string {
    if (this.#secrets.size > 0) this.#compiled ??= compile(this.#secrets)
    const told = this.#compiled === undefined ? text : text.replace(this.#compiled, MASK)
    if (!/[@=]|%3d/i.test(told)) return told
    return told.replace(BY_FORM, (_, slashes?: string, name?: string) =>
      slashes === undefined ? `${name}${MASK}` : `${slashes}${MASK}@`,
    )
  }

  /** Anything thrown, its texts and those of its causes masked. */
  maskError(thrown: unknown): unknown {
    return withTexts(thrown, (text) => this.mask(text))
  }
}

/** A PkgcacheError as it may be shown where no cache knows the secrets: those of the environment and of URLs are masked. */
export function withoutSecrets(
  error: PkgcacheError,
  env: Readonly<Record<string, string | undefined>>,
): PkgcacheError {
  const redactor = new Redactor()
  redactor.addEnvironment(env)
  return error.map((text) => redactor.mask(text))
}

/** The same object, but every error that its methods throw or reject with is masked. */
export function maskingErrors<T extends object>(target: T, redactor: Redactor): T {
  const rethrow = (thrown: unknown): never => {
    throw redactor.maskError(thrown)
  }
  return new Proxy(target, {
    get(_, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        try {
          const result: unknown = member.apply(target, args)
          return result instanceof Promise ? result.catch(rethrow) : result
        } catch (thrown) {
          return rethrow(thrown)
        }
      }
    },
  })
}

/** All secrets in all their forms as one expression: every log line goes through it. */
function compile(secrets: ReadonlySet<string>): RegExp {
  // longest first: a secret may be the beginning of another
  const sorted = [...secrets].sort((a, b) => b.length - a.length)
  const forms = [...sorted.map(written), ...sorted.flatMap(inBase64)]
  return new RegExp([...new Set(forms)].join('|'), 'g')
}

/** A text as it stands, percent-encoded (RFC 3986), in JSON and in HTML, each character by itself. */
function written(secret: string): string {
  return [...secret].map(character).join('')
}

const ESCAPED: Readonly<Record<string, readonly string[]>> = {
  '\n': ['\\n'],
  '\r': ['\\r'],
  '\t': ['\\t'],
  '"': ['\\"', '&quot;', '&#34;'],
  '\\': ['\\\\'],
  '/': ['\\/'],
  ' ': ['+'],
  '&': ['&amp;', '\\u0026'],
  '<': ['&lt;', '\\u003c'],
  '>': ['&gt;', '\\u003e'],
  "'": ['&#39;', '&#x27;', '\\u0027'],
}

function character(char: string): string {
  if (/[A-Za-z0-9]/.test(char)) return char
  const percent = [...Buffer.from(char)].map((byte) => `%${hex(byte.toString(16).padStart(2, '0'))}`).join('')
  const unicode = Array.from({ length: char.length }, (_, at) =>
    hex(char.charCodeAt(at).toString(16).padStart(4, '0')),
  )
  const forms = [...(ESCAPED[char] ?? []), char].map(literal)
  return `(?:${[...forms, percent, `\\\\u${unicode.join('\\\\u')}`].join('|')})`
}

/** Hexadecimal digits in either case. */
function hex(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

const SHORTEST_BASE64 = 7

/**
 * A text within something that was encoded to base64 (`user:password`, a JSON document): it can begin at any of three
 * places in a group of three bytes, each of which gives other characters. What follows it there goes too.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // characters that hold bits of the neighbours are none of ours
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    if (own.length < SHORTEST_BASE64) return []
    return `${own.replaceAll('+', '(?:[+-]|%2[bB])').replaceAll('/', '(?:[/_]|%2[fF])')}[\\w+/-]*(?:=|%3[dD]){0,2}`
  })
}
