/** Shorter texts are never taken for secrets: masking them would only garble what is said. */
const MIN_LENGTH = 6

// a name is secret by any of these, however its words are joined: `GITHUBTOKEN`, `api-key`, `dbPassword`
const SECRET_PART =
  /token(?!i[sz])|secret|passw|passphrase|credential|authorization|cookie|(?:api|access|private|signing|encryption|shared|account|master)[-_. ]?key/i
// these only as words of their own: GIT_AUTHOR_NAME, XAUTHORITY, PATH and COMPASS are none
const SECRET_WORD = /^(auth|pass|jwt|pat|bearer|pwd)$/
// what such a name ends with when it tells of a secret without being one: SSH_AUTH_SOCK, TOKEN_FILE, authMethod
const TELLS_OF =
  /^(files?|paths?|dir|directory|folder|sock|socket|urls?|uri|endpoint|server|host|hostname|port|name|user|username|email|realm|env|header|headers|type|kind|method|mode|scheme|helper|provider|agent|program|ttl|timeout|expiry|expires|lifetime|length|size|count|limit|enabled|required|disabled|version|format|prefix)$/

// as values of variables and options: words that are no secret, and would garble every other sentence
const COMMON =
  /^(?:true|false|null|none|undefined|disabled?|enabled?|required|optional|always|never|default|inherit|automatic|password|passwd|passphrase|secret|credentials?|tokens?|authorization|basic|bearer|digest|negotiate|kerberos|keyring|keychain|changeme|change-me|example|anonymous|nobody|public|private|internal|external|docker|podman|github|gitlab|string|number|object|boolean|header|headers|query|cookie|pkgcache|package|packages|linux|production|development|staging|testing|localhost)$/i
const NUMBER = /^[\d.,:\s_+-]+$/
const PATH =
  /^(?:~|\.{1,2}|[a-z]:)?[/\\](?:[a-z._][a-z0-9._-]*|Users|Library|Applications|Volumes)(?:[/\\]|$)/
const SCHEME = /^(?:basic|bearer|token|apikey|digest|negotiate)\s+(\S.*)$/i

const USERINFO = /:\/\/([^\s/?#]*)@/g
/**
 * What stands before the value of a query parameter that is secret by its name (`?token=`, `&X-Amz-Signature=`), in
 * plain text, JSON, HTML, or a URL within a URL. Repeats are bounded, so that no text takes long.
 */
export const SECRET_QUERY = String.raw`(?:[?&;#]|\\u0026|%3[fF]|%26)(?:[\w.~-]{0,40}(?:token|secret|passw|passphrase|credential|signature|api[-_]?key|access[-_]?key)[\w.~-]{0,40}|(?:[\w.~]{0,40}[-_.])?(?:sig|key|auth|authorization|jwt|pass|pwd|hmac))(?:=|%3[dD])`
const QUERY = new RegExp(String.raw`${SECRET_QUERY}([^&\s#"<>]+)`, 'gi')

/** Whether what is called so is secret: a variable, an option, a header. */
function soundsSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  if (TELLS_OF.test(words.at(-1) ?? '')) return false
  if (SECRET_PART.test(name)) return true
  // PWD alone is the working folder
  return words.some((word) => SECRET_WORD.test(word)) && words.join() !== 'pwd'
}

/** Whether it is worth masking: neither short nor a word that any text may hold. */
export function isMaskable(text: string): boolean {
  return text.length >= MIN_LENGTH && !COMMON.test(text)
}

/** Every secret in a config, an option, a header: what is below a name that sounds so, and what URLs carry. */
export function secretsIn(value: unknown): string[] {
  const found: string[] = []
  // options are whatever a plugin takes: an agent, a client, something that holds itself
  const seen = new Set<object>()
  const known = new Map<string, Said>()
  // not recursive: a config is read before anybody has looked how deep it is
  const pending: Named[] = [{ value, name: '', secret: false }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value === 'string')
      found.push(...(next.secret ? ofValue(next.value) : []), ...ofUrls(next.value))
    if (typeof next.value !== 'object' || next.value === null || seen.has(next.value)) continue
    seen.add(next.value)
    // mirrors have URLs for keys
    for (const key of Object.keys(next.value)) found.push(...ofUrls(key))
    pending.push(...children(next, known).reverse())
  }
  return found
}

interface Named {
  readonly value: unknown
  readonly name: string
  /** It stands below a name that sounds so. */
  readonly secret: boolean
}

/** What a name says of the values below it. */
interface Said {
  readonly sounds: boolean
  readonly tells: boolean
}

/** @param known what names say, each worked out once: a config of 10,000 packages has few */
function children({ value, name, secret }: Named, known: Map<string, Said>): Named[] {
  return Object.entries(value as object).map(([key, child]) => {
    const own = Array.isArray(value) ? name : key
    const said = known.get(own) ?? { sounds: soundsSecret(own), tells: TELLS_OF.test(own.toLowerCase()) }
    known.set(own, said)
    return { value: child, name: own, secret: said.sounds || (secret && !said.tells) }
  })
}

/** Secrets of the environment: by the names of variables, and what URLs among them carry (`HTTPS_PROXY`). */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const url = /_proxy$/i.test(name) && !value.includes('://') ? `http://${value}` : value
    const own = soundsSecret(name) && !NUMBER.test(value) ? ofValue(value) : []
    return [...own, ...ofUrls(url)]
  })
}

/** Secrets of one request: who sends a header or a URL with credentials need not tell of them. */
export function secretsOfRequest(
  url: string,
  headers: Readonly<Record<string, string>> | undefined,
): string[] {
  return [...ofUserinfo(url), ...(headers === undefined ? [] : secretsIn(headers))]
}

function ofValue(value: string): string[] {
  const text = value.trim()
  if (PATH.test(text)) return []
  const credentials = SCHEME.exec(text)?.[1]
  return [
    text,
    ...(credentials === undefined ? [] : [credentials, ...ofBasic(credentials)]),
    ...ofDocument(text),
    ...text.split('; ').flatMap((pair) => (/^[\w.-]+=\S{6,}$/.test(pair) ? pair.replace(/^[^=]+=/, '') : [])),
    // a PEM key may be shown line by line
    ...(text.includes('\n') ? text.split('\n').filter((line) => /^[\w+/=.-]{16,}$/.test(line.trim())) : []),
  ]
}

/** `user:password` out of Basic credentials (RFC 7617). */
function ofBasic(credentials: string): string[] {
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon < 0 || /[\p{Cc}\uFFFD]/u.test(pair) ? [] : [pair.slice(colon + 1)]
}

/** A variable may hold a whole document: DOCKER_AUTH_CONFIG, a service account. */
function ofDocument(text: string): string[] {
  if (!text.startsWith('{')) return []
  try {
    return secretsIn(JSON.parse(text))
  } catch {
    return []
  }
}

function ofUrls(text: string): string[] {
  if (!text.includes('=')) return ofUserinfo(text)
  const values = [...text.matchAll(QUERY)].flatMap(([, value = '']) => [value, decoded(value)])
  return [...ofUserinfo(text), ...values]
}

function ofUserinfo(text: string): string[] {
  if (!text.includes('://') || !text.includes('@')) return []
  return [...text.matchAll(USERINFO)].flatMap(([, userinfo = '']) => {
    const colon = userinfo.indexOf(':')
    const user = colon < 0 ? userinfo : userinfo.slice(0, colon)
    const password = colon < 0 ? '' : userinfo.slice(colon + 1)
    // https://TOKEN@host and https://TOKEN:x-oauth-basic@host are ways to give a token
    if (password === '' || password === 'x-oauth-basic') return [user, decoded(user)]
    return [password, decoded(password), basicCredentials(decoded(user), decoded(password))]
  })
}

/** What stands after `Basic ` in an Authorization header (RFC 7617). */
function basicCredentials(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // a literal % that encodes nothing
    return text
  }
}
