import { printable, shorten } from '../format.ts'

const MAX_TEXT = 120
// of a whole file, which a page on its way to being refused may be
const MAX_BYTES = 1 << 16

const PAGE = /^<(?:!doctype\s+html|html)(?=[\s>])/i
const HTML_TYPE = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  copy: '©',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
}

/**
 * What a web page says where a file was asked for (a login, a captive portal, "not found" with status 200): its title,
 * else its first visible text, printable, at most 120 characters, or `a page without text`.
 *
 * The bytes decide, by the rules of browsers for a doctype or a root element after byte-order mark, white space and
 * comments (WHATWG MIME Sniffing 7.1). A content type of HTML counts only for bytes that begin with `<`; no archive and
 * no program does.
 * @param head the first bytes of a body; a few KiB are enough
 * @returns undefined for anything but a page
 */
export function webPageText(head: Uint8Array, contentType: string | undefined): string | undefined {
  const text = decode(head.subarray(0, MAX_BYTES), contentType)
  if (text === undefined) return undefined
  const named = contentType !== undefined && HTML_TYPE.test(contentType)
  const begun = afterProlog(text)
  if (!(named ? begun.startsWith('<') : PAGE.test(begun))) return undefined
  const page = text.replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
  return title(page) || firstText(page) || 'a page without text'
}

/** Undefined for bytes that no page has: a tar may well begin with a member called `<html>`. */
function decode(head: Uint8Array, contentType = ''): string | undefined {
  const [first, second] = head
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(head)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(head)
  if (head.includes(0)) return undefined
  const [, label = 'utf-8'] = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType) ?? []
  try {
    return new TextDecoder(label).decode(head)
  } catch {
    // a charset that nobody knows
    return new TextDecoder().decode(head)
  }
}

/** What follows white space, comments and an XML declaration. Step by step: no expression goes back over it. */
function afterProlog(text: string): string {
  let rest = text.trimStart()
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined
    if (end === undefined) return rest
    const at = rest.indexOf(end, 2)
    if (at < 0) return ''
    rest = rest.slice(at + end.length).trimStart()
  }
}

function title(page: string): string {
  return line(/<title(?:\s[^>]*)?>([\s\S]*?)(?:<\/title|$)/i.exec(page)?.[1] ?? '')
}

function firstText(page: string): string {
  const visible = page
    .replace(/<(script|style|template|title|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(
      /<[!?/]?(?:p|div|h[1-6]|li|ul|ol|table|tr|td|br|hr|body|head|form|section|main|nav)\b[^>]*(?:>|$)/gi,
      '\n\n',
    )
    .replace(/<[!?/a-z][^>]*(?:>|$)/gi, '')
  for (const block of visible.split('\n\n')) {
    const text = line(block)
    if (text !== '') return text
  }
  return ''
}

function line(text: string): string {
  const plain = text
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (entity, decimal, hex, name) =>
      name === undefined ? character(Number(decimal ?? `0x${hex}`)) : (ENTITIES[name] ?? entity),
    )
    .replace(/\s+/g, ' ')
    .trim()
  return shorten(printable(plain), MAX_TEXT)
}

function character(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD'
}
