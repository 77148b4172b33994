import { goodRun, renderReport } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { address, escapeHtml, html } from '../src/html.ts'
import reportHtml from '../src/index.ts'

describe('escapeHtml', () => {
  it.each([
    ['runc-1.3.0', 'runc-1.3.0'],
    [`<a b="c" d='e'>&\``, '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&#96;'],
    ['&lt;', '&amp;lt;'],
    ['a\u0000b\u001b[0m', 'a\\u0000b\\u001b[0m'],
    ['a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['שלום', 'שלום'],
  ])('%j', (text, expected) => {
    expect(escapeHtml(text)).toBe(expected)
  })
})

describe('html', () => {
  it('escapes text, keeps markup, joins lists, drops undefined', () => {
    const items = ['<', '>'].map((text) => html`<li>${text}</li>`)
    expect(html`<ul class="${'"'}">${items}${undefined}${3}</ul>`.markup).toBe(
      '<ul class="&quot;"><li>&lt;</li><li>&gt;</li>3</ul>',
    )
  })
})

describe('address', () => {
  it.each([
    [
      'https://dl.example/a?b=1&c',
      '<a href="https://dl.example/a?b=1&amp;c" rel="noopener noreferrer" dir="auto">https://dl.example/a?b=1&amp;c</a>',
    ],
    ['javascript:alert(1)', '<bdi>javascript:alert(1)</bdi>'],
    ['data:text/html,x', '<bdi>data:text/html,x</bdi>'],
    ['file:///etc/passwd', '<bdi>file:///etc/passwd</bdi>'],
    [' https://dl.example', '<bdi> https://dl.example</bdi>'],
    ['https://', '<bdi>https://</bdi>'],
  ])('%j', (url, expected) => {
    expect(address(url).markup).toBe(expected)
  })
})

describe('the file', () => {
  it('is report.html, and the same for the same run', async () => {
    const [first, second] = await Promise.all(
      [goodRun(), goodRun()].map((run) => renderReport(reportHtml(), run)),
    )
    expect({ format: first?.format, fileName: first?.fileName }).toEqual({
      format: 'html',
      fileName: 'report.html',
    })
    expect(first?.content).toBe(second?.content)
  })
})
