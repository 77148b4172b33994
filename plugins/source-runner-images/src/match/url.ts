/** Hosts that no file can be on: RFC 2606 3 and RFC 6761 6. */
const RESERVED = /(^|\.)(example|invalid|test|example\.(com|net|org))\.?$/i

/**
 * What keeps a text from being the address of one file: no http(s) URL, a pattern, a placeholder.
 * @returns undefined when it is one
 */
export function urlFault(text: string): string | undefined {
  // the URL parser would escape or drop these, and take the rest
  if (/[\s*{}<>\\]/.test(text) || /%7b|%2a/i.test(text)) return 'is a pattern, not the address of a file'
  const url = parsed(text)
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'is no http or https URL'
  if (url.hostname === '' || RESERVED.test(url.hostname)) return 'leads to a host that stands for any other'
  return undefined
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
