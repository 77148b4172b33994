const MASK = '***'
const MIN_LENGTH = 6
const SECRET_KEY = /token|secret|passw|passphrase|credential|authorization|api[-_]?key|cookie/i
// user:password@ in any URL, whether or not anybody told us about it
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi

/** Masks secrets in whatever leaves pkgcache: what it was told of, and credentials in URLs always. */
export class Redactor {
  readonly #secrets = new Set<string>()

  /** Short strings are ignored: masking them would only garble the text. */
  add(secret: string): void {
    if (secret.length >= MIN_LENGTH) this.#secrets.add(secret)
  }

  /** Adds every string below a key that sounds like a secret (`token`, `password`, `headers.authorization`, …). */
  addFrom(value: unknown, key = '', seen = new Set<object>()): void {
    if (typeof value === 'string') {
      if (SECRET_KEY.test(key)) this.add(value)
      return
    }
    // options are whatever a plugin takes: an agent, a client, something that holds itself
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    for (const [name, child] of Object.entries(value))
      this.addFrom(child, SECRET_KEY.test(key) ? key : name, seen)
  }

  mask(text: string): string {
    let masked = text.replace(URL_CREDENTIALS, `$1${MASK}@`)
    // longest first: a secret may be part of another
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) {
      masked = masked.replaceAll(secret, MASK)
    }
    return masked
  }
}
