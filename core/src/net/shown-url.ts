import { printable } from '../format.ts'

const USERINFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i

/**
 * A URL as messages may show it: without credentials, query and fragment, any of which may hold a secret
 * (a token, a presigned query). Text that is no URL is shown the same way, control characters escaped.
 */
export function shownUrl(url: URL | string): string {
  const text = typeof url === 'string' ? url : url.href
  if (!URL.canParse(text)) return printable((text.split(/[?#]/, 1)[0] ?? '').replace(USERINFO, '$1'))
  const shown = new URL(text)
  shown.username = ''
  shown.password = ''
  shown.search = ''
  shown.hash = ''
  return shown.href
}
