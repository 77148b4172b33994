import { gzipSync } from 'node:zlib'
import { formatConformance, readFormat, smallTar, smallZip } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import binary from '../src/index.ts'

const elf = Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(5000, 7)])
const big = Buffer.concat([elf, Buffer.alloc(150 * 1024 * 1024)])
const pe = Buffer.alloc(256)
pe.write('MZ')
pe.writeUInt32LE(0x80, 0x3c)
pe.write('PE\0\0', 0x80)
const page = '\n<!DOCTYPE html>\n<html><title>Sign in</title></html>'

function asMember(content: Buffer, path = 'tool') {
  return {
    format: 'binary',
    members: [{ path, type: 'file', mode: 0o755, size: content.length, mtime: 0, content }],
  }
}

describe('format-binary', () => {
  const cases = formatConformance({
    plugin: () => binary(),
    valid: {
      bytes: elf,
      expected: {
        format: 'binary',
        members: [{ path: 'tool', type: 'file', mode: 0o755, size: elf.length, mtime: 0, content: elf }],
      },
    },
    foreign: {},
    truncated: {},
    damaged: {},
    large: () => big,
  })
  for (const { name, run } of cases) it(name, run)

  it.each([
    ['a script', Buffer.from('#!/bin/sh\n')],
    ['Mach-O', Buffer.from('cffaedfe0c000001', 'hex')],
    ['Mach-O for two processors', Buffer.from('cafebabe00000002', 'hex')],
    ['PE', pe],
  ])('recognises %s without a hint', async (_name, bytes) => {
    expect(await readFormat(binary(), bytes, { memberName: 'x' })).toEqual(asMember(bytes, 'x'))
  })

  it.each([
    ['tar', smallTar()],
    ['tar.gz', gzipSync(smallTar())],
    ['zip', smallZip()],
    ['a Java class', Buffer.from('cafebabe00000034', 'hex')],
    ['MZ without PE', Buffer.from(`MZ${'x'.repeat(100)}`)],
    ['a text', Buffer.from('hello\n')],
    ['a page', Buffer.from(page)],
    ['nothing', Buffer.alloc(0)],
  ])('leaves alone, without a hint: %s', async (_name, bytes) => {
    expect(await readFormat(binary(), bytes)).toBeUndefined()
  })

  it('takes what is declared as a binary, whatever it looks like', async () => {
    const bytes = Buffer.from('any bytes')
    expect(await readFormat(binary(), bytes, { hint: 'binary' })).toEqual(asMember(bytes))
  })

  it.each([
    ['a page', page, '"<!DOCTYPE html>"'],
    ['a page with a byte order mark', '\uFEFF<html lang="en">\n<p>', '"<html lang=\\"en\\">"'],
    ['a page behind a comment', '<!-- proxy\n7 -->\n<HTML>', '"<!-- proxy"'],
    ['XHTML', '<?xml version="1.0"?>\n<html xmlns="x">', '"<?xml version=\\"1.0\\"?>"'],
    ['a page with an escape sequence', '<html>\u001b[2J', '"<html>\\\\u001b[2J"'],
  ])('refuses %s declared as a binary', async (_name, text, shown) => {
    await expect(readFormat(binary(), Buffer.from(text), { hint: 'binary' })).rejects.toMatchObject({
      code: 'E_FORMAT',
      message: `the file is an HTML page, not a program; it starts with ${shown}`,
    })
  })

  it('refuses an empty file declared as a binary', async () => {
    await expect(readFormat(binary(), Buffer.alloc(0), { hint: 'binary' })).rejects.toMatchObject({
      code: 'E_FORMAT',
      message: 'the file is empty, not a program',
    })
  })

  it('runs after every other format', () => {
    expect(binary().enforce).toBe('post')
  })
})
