import { createHash } from 'node:crypto'
import { type Html, html, trusted } from './html.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** How a Content-Security-Policy names inline text (CSP Level 3, 2.3.1). */
function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

const POLICY = [
  "default-src 'none'",
  `style-src ${hashSource(STYLE)}`,
  `script-src ${hashSource(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** A part of a page: what the navigation calls it, and nothing where there is nothing to show. */
export interface Part {
  readonly id: string
  readonly title: string
  readonly body: Html | undefined
}

function navigation(parts: readonly Part[]): Html {
  return html`<nav aria-label="Sections"><ul>${parts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`
}

/** A whole page, one document without any reference to another. */
export function renderDocument(title: string, banner: Html, all: readonly Part[]): string {
  const parts = all.filter(({ body }) => body !== undefined)
  return html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<div class="page">
${banner}
${navigation(parts)}
<main>
${parts.map(
  ({ body }) => html`${body}
`,
)}
</main>
<footer><p>Sizes are decimal (1 MB = 1,000,000 bytes), times are UTC. Digests are SHA-256.</p></footer>
</div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup
}
