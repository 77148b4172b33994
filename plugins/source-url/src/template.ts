import { PkgcacheError, printable } from '@pkgcache/core'

const PLACEHOLDERS = ['name', 'version', 'arch', 'platform'] as const
type Placeholder = (typeof PLACEHOLDERS)[number]

/**
 * A URL template with its placeholders filled in; each value is percent-encoded as one path part (RFC 3986, 3.3).
 * @param what whose template it is, for messages: `url of acme-agent`. The template itself may hold secrets.
 * @throws E_CONFIG for an unknown placeholder, a lone brace, and a result that is no absolute URL
 */
export function fillTemplate(
  template: string,
  values: Readonly<Record<Placeholder, string>>,
  what: string,
): string {
  const filled = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const known = PLACEHOLDERS.find((placeholder) => placeholder === name)
    if (known === undefined) {
      throw fault(
        what,
        `has an unknown placeholder {${printable(name.slice(0, 40))}}`,
        `it can have ${shownPlaceholders()}`,
      )
    }
    return encodeURIComponent(values[known])
  })
  if (/[{}]/.test(filled)) {
    throw fault(
      what,
      'has a lone brace',
      `write %7B and %7D for braces that are no part of ${shownPlaceholders()}`,
    )
  }
  if (!URL.canParse(filled)) {
    throw fault(what, 'is not an absolute URL', 'start it with https://, http:// or file:///')
  }
  return filled
}

function shownPlaceholders(): string {
  return PLACEHOLDERS.map((placeholder) => `{${placeholder}}`).join(' ')
}

function fault(what: string, message: string, hint: string): PkgcacheError {
  return new PkgcacheError('E_CONFIG', `${printable(what)} ${message}`, { hint })
}
