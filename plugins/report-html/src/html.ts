import { printable } from '@pkgcache/core'

/** Markup that is safe to put into a page as it is. Only `html` and `trusted` make it. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

export type HtmlValue = Html | string | number | undefined | readonly Html[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

// What `escapeHtml` changes; most text holds none of it, and one look is cheaper than two replacements.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const SPECIAL = /[&<>"'`\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Text for element content and quoted attributes; control characters and bidi overrides are shown, not obeyed. */
export function escapeHtml(text: string): string {
  if (!SPECIAL.test(text)) return text
  return printable(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '')
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if (value instanceof Html) return value.markup
  let markup = ''
  for (const part of value) markup += part.markup
  return markup
}

/** A template whose values are escaped unless they are `Html` themselves; attributes must be quoted. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = literals[0] ?? ''
  for (let index = 0; index < values.length; index++) {
    markup += markupOf(values[index]) + (literals[index + 1] ?? '')
  }
  return new Html(markup)
}

/** Our own style and script, never anything from outside. */
export function trusted(markup: string): Html {
  return new Html(markup)
}

/** A link when the address is http or https and nothing else; other addresses stay text. */
export function address(url: string): Html {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return html`<bdi>${url}</bdi>`
  return html`<a href="${url}" rel="noopener noreferrer" dir="auto">${url}</a>`
}
