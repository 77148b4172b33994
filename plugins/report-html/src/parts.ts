import type { ReportNodeState, ReportPackage, TrustLevel } from '@pkgcache/core'
import { type Html, html } from './html.ts'

type Tone = 'ok' | 'warn' | 'bad' | 'dim'

const TONES: Readonly<Record<ReportPackage['state'] | ReportNodeState | TrustLevel, Tone>> = {
  published: 'ok',
  cached: 'ok',
  stored: 'dim',
  failed: 'bad',
  sent: 'ok',
  present: 'ok',
  fallback: 'warn',
  skipped: 'warn',
  absent: 'warn',
  'other-arch': 'dim',
  'other-nodes': 'dim',
  signed: 'ok',
  pinned: 'ok',
  'checksum-file': 'ok',
  tofu: 'warn',
  unverified: 'bad',
}

/** A state as word, colour and (from the style sheet) a mark: the colour never stands alone. */
export function badge(state: keyof typeof TONES, word: string = state): Html {
  return html`<span class="badge ${TONES[state]}">${word}</span>`
}

/** A time of the run, to the second. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`
}

/** A table that scrolls in its own box, by keyboard too, so that the page never does. */
export function scrolling(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`
}

/** A caption that stays in view when its table is scrolled. */
export function caption(text: string): Html {
  return html`<caption><span>${text}</span></caption>`
}

/** A share of 100, for the attributes of SVG. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100}%`
}
