import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { webPageText } from '../../src/net/web-page.ts'

const EMPTY = 'a page without text'
const utf16 = (text: string, big = false): Buffer => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return big ? bytes.swap16() : bytes
}

describe('a web page', () => {
  const pages: readonly (readonly [string, string | Buffer, string])[] = [
    ['a title', '<!DOCTYPE html><html><head><title>Sign in</title></head><body>x', 'Sign in'],
    ['no doctype', '<html><title>Sign in</title>', 'Sign in'],
    ['any case and attributes', '<HTML LANG=en><TITLE id="x">Sign\n  in </TITLE >', 'Sign in'],
    ['an old doctype', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><title>Old</title>', 'Old'],
    ['white space before', ' \r\n\t<!doctype html><title>A</title>', 'A'],
    ['a byte-order mark', '\uFEFF<!doctype html><title>A</title>', 'A'],
    ['comments before', '<!-- a > b --> <!--x--><html><title>A</title>', 'A'],
    ['an XML declaration', '<?xml version="1.0"?>\n<!DOCTYPE html><html><title>A</title>', 'A'],
    ['UTF-16', utf16('<!doctype html><title>Ä</title>'), 'Ä'],
    ['UTF-16, the other order', utf16('<!doctype html><title>Ä</title>', true), 'Ä'],
    ['a commented title', '<html><!-- <title>no</title> --><title>yes</title>', 'yes'],
    ['no title', '<!doctype html><html><body><h1>Please <b>log</b> in</h1><p>More</p>', 'Please log in'],
    ['an empty title', '<html><title> </title><p>Text</p>', 'Text'],
    ['scripts and styles', '<html><script>if (a<b) "</p>"</script><style>p {}</style><p>Text', 'Text'],
    ['a title cut off', '<html><title>Sign', 'Sign'],
    ['a script cut off', '<html><script>var a = 1', EMPTY],
    ['a tag cut off', '<html><p>Text</p><a href="', 'Text'],
    ['a comment cut off', '<html><!-- x', EMPTY],
    ['noscript', '<html><noscript>Turn on JavaScript</noscript>', 'Turn on JavaScript'],
    [
      'entities',
      '<html><title>A &amp; B &lt;C&gt; &#228;&#xE4; &unknown; &nbsp;D &#0;</title>',
      'A & B <C> ää &unknown; D \uFFFD',
    ],
    ['control characters', '<html><title>A\u001b[2J\u202e&#27;B</title>', 'A\\u001b[2J\\u202e\\u001bB'],
    ['nothing', '<html></html>', EMPTY],
    ['a doctype alone', '<!doctype html>', EMPTY],
  ]
  it.each(pages)('with %s', (_, page, text) => {
    expect(webPageText(Buffer.from(page), undefined)).toBe(text)
    expect(webPageText(Buffer.from(page), 'application/octet-stream')).toBe(text)
  })

  it.each([
    ['text/html', '<head><title>A</title>', 'A'],
    ['Text/HTML; charset=utf-8', '<p>Not found</p>', 'Not found'],
    ['application/xhtml+xml', '<?xml version="1.0"?><x>A</x>', 'A'],
    ['text/html; charset=iso-8859-1', Buffer.from('<p>Anmeldung nötig', 'latin1'), 'Anmeldung nötig'],
    ['text/html; charset=no-such', '<p>ö', 'ö'],
  ])('is one by its content type %s', (type, body, text) => {
    expect(webPageText(Buffer.from(body), type)).toBe(text)
    expect(webPageText(Buffer.from(body), undefined)).toBeUndefined()
  })

  it.each([
    ['words that fit', 'x'.repeat(120), 'x'.repeat(120)],
    ['whole words', `${'word '.repeat(23)}token-1234567890`, `${'word '.repeat(23).trimEnd()}…`],
    ['no part of a long one', 'x'.repeat(121), '…'],
    ['words of other scripts anywhere', 'ä字'.repeat(80), `${'ä字'.repeat(59)}ä…`],
    ['no half of a character', `${'字'.repeat(118)}😀😀`, `${'字'.repeat(118)}…`],
  ])('is cut to 120 characters: %s', (_, title, text) => {
    expect(webPageText(Buffer.from(`<html><title>${title}</title>`), undefined)).toBe(text)
  })
})

describe('no web page', () => {
  it.each([
    ['plain text', 'hello'],
    ['text about <html>', 'the <html> element'],
    ['XML', '<?xml version="1.0"?><project><title>x</title></project>'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title></svg>'],
    ['another doctype', '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"><plist/>'],
    ['a longer name', '<htmlx>'],
    ['nothing', ''],
    ['a comment alone', '<!-- html -->'],
    ['a script', '#!/bin/sh\necho "<html>"'],
  ])('is %s', (_, body) => {
    expect(webPageText(Buffer.from(body), undefined)).toBeUndefined()
  })

  it('is no archive and no program, whatever its type says and its members are called', () => {
    const dir = mkdtempSync(join(tmpdir(), 'pkgcache-page-'))
    mkdirSync(join(dir, '<html><title>x<'))
    writeFileSync(join(dir, '<html><title>x<', 'title>'), '<html>')
    const tar = execFileSync('tar', ['-C', dir, '-c', '<html><title>x<'])
    rmSync(dir, { recursive: true })
    const bodies: readonly Buffer[] = [
      tar,
      gzipSync('<html>'),
      Buffer.from('504b0304', 'hex'),
      Buffer.from('fd377a585a00', 'hex'),
      Buffer.from('28b52ffd', 'hex'),
      readFileSync(process.execPath).subarray(0, 4096),
    ]
    expect(tar.subarray(0, 6).toString()).toBe('<html>')
    for (const body of bodies) expect(webPageText(body, 'text/html')).toBeUndefined()
  })
})

it('takes time in proportion to the bytes, whatever they are', () => {
  const many = (text: string): Buffer => Buffer.from(`<html>${text.repeat(100_000)}`)
  for (const part of [
    ' ',
    '<!--a-->',
    '<title',
    '<script>',
    '<',
    '<p>',
    '&',
    '<!--',
    '<a ',
    '</script',
    '\n',
  ])
    expect(typeof webPageText(many(part), 'text/html')).toBe('string')
  const before = Buffer.from(`${'<!--a-->'.repeat(8000)}x`)
  expect(webPageText(before, undefined)).toBeUndefined()
})
