import type { ReportNodeState, ReportPackage, ReportRequirement, TrustLevel } from '@pkgcache/core'
import { type Html, html } from './html.ts'

type Tone = 'ok' | 'warn' | 'bad' | 'dim'

type Word =
  | ReportPackage['state']
  | ReportRequirement['state']
  | ReportNodeState
  | TrustLevel
  | 'added'
  | 'removed'
  | 'changed'

const TONES: Readonly<Record<Word, Tone>> = {
  published: 'ok',
  cached: 'ok',
  stored: 'dim',
  failed: 'bad',
  missing: 'bad',
  'not-downloadable': 'dim',
  added: 'ok',
  removed: 'warn',
  changed: 'dim',
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

/** One of the big numbers at the top. */
export function figure(label: string, value: string, note: string, tone = ''): Html {
  return html`<div class="figure ${tone}"><dt>${label}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`
}

/** A box of words that the script filters the next table by. */
export function filterBox(label: string, hint: string): Html {
  return html`<p class="tools" hidden><label>${label} <input type="search" placeholder="${hint}" autocomplete="off"></label> <span role="status"></span></p>`
}

/** How much of the rows that can be downloaded is there, as a bar. */
export function coverageBar({
  cached,
  missing,
}: {
  readonly cached: number
  readonly missing: number
}): Html {
  const all = cached + missing
  const rects =
    all === 0
      ? html`<rect class="cover-none" width="100%" height="12"/>`
      : html`<rect class="cover-missing" width="100%" height="12"/><rect class="cover-cached" width="${percent(cached, all)}" height="12"/>`
  return html`<svg class="stack" width="100%" height="12" aria-hidden="true" focusable="false">${rects}</svg>`
}

/** `66.6 %`, or a dash where there is nothing to cover. */
export function percentage(value: number | null): string {
  return value === null ? '–' : `${value} %`
}

/** A share of 100, for the attributes of SVG. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100}%`
}
