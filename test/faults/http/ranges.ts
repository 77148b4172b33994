import { createHash } from 'node:crypto'
import type { HttpFault } from '@pkgcache/core/testing'
import { soundArchive } from '../stand.ts'
import { always, type Served, SIZE, served } from './kit.ts'

const AT = 5000
const CUT: HttpFault = { endAfter: AT }
const REST = `bytes=${AT}- 206`
const NO_VALIDATOR = { etag: '', headers: { 'last-modified': '' } }
const other = soundArchive('another version')
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Ways to answer a request for the rest of a file. Whatever it is, two versions are never joined. */
const ANSWERS: readonly Served[] = [
  {
    what: 'a part that starts elsewhere',
    exit: 0,
    script: [CUT, { contentRange: `bytes ${AT + 1}-${SIZE - 1}/${SIZE}` }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part that starts before',
    exit: 0,
    script: [CUT, { contentRange: `bytes 0-${SIZE - 1}/${SIZE}` }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part without Content-Range',
    exit: 0,
    script: [CUT, { status: 206, body: 'x' }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part with a Content-Range that is none',
    exit: 0,
    script: [CUT, { contentRange: 'chapters 2-3/9' }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part of another unit',
    exit: 0,
    script: [CUT, { contentRange: `items ${AT}-${SIZE - 1}/${SIZE}` }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part of another version',
    exit: 0,
    script: [CUT, { headers: { etag: '"of-another-version"' } }],
    asked: ['200', REST, '200'],
  },
  {
    what: 'a part of a file of another length, taken back by the next answer',
    exit: 0,
    script: [
      CUT,
      {
        contentRange: `bytes ${AT}-${SIZE}/${SIZE + 1}`,
        headers: { 'content-length': String(SIZE - AT + 1) },
        endAfter: SIZE - AT,
      },
    ],
    asked: ['200', REST, `bytes=${SIZE}- 416`],
  },
  {
    what: 'a part of the rest only',
    exit: 0,
    script: [
      CUT,
      { contentRange: `bytes ${AT}-${AT + 99}/${SIZE}`, headers: { 'content-length': '100' }, endAfter: 100 },
    ],
    asked: ['200', REST, `bytes=${AT + 100}- 206`],
  },
  {
    what: 'a part of a length that is not known',
    exit: 0,
    script: [CUT, { contentRange: `bytes ${AT}-${SIZE - 1}/*` }],
    asked: ['200', REST],
  },
  {
    what: 'the whole file again',
    exit: 0,
    script: [CUT, { ignoreRange: true }],
    asked: ['200', `bytes=${AT}- 200`],
  },
  {
    what: 'a new version, whole',
    exit: 0,
    script: [CUT],
    always: { content: other },
    recorded: () => sha256(other),
    asked: ['200', `bytes=${AT}- 200`],
  },
  {
    what: 'another version at every try, each cut off',
    exit: 1,
    code: 'E_TRUNCATED',
    script: [CUT, { content: other, endAfter: 4000 }, { etag: '"three"', endAfter: 3000 }],
    asked: ['200', `bytes=${AT}- 200`, 'bytes=4000- 200'],
  },
  {
    what: '416, because the file has shrunk',
    exit: 0,
    script: [CUT, { status: 416, headers: { 'content-range': 'bytes */100' } }],
    asked: ['200', `bytes=${AT}- 416`, '200'],
  },
  {
    what: '416, because all of it is there',
    exit: 0,
    script: [{ headers: { 'content-length': String(SIZE + 10) }, endAfter: SIZE }],
    asked: ['200', `bytes=${SIZE}- 416`],
  },
  {
    what: 'the rest gzipped',
    exit: 0,
    script: [CUT, { gzip: true }],
    asked: ['200', `bytes=${AT}- 200`, '200'],
  },
  {
    what: 'a login page',
    exit: 1,
    code: 'E_HTTP',
    says: /answered with a web page instead of the file: "Log in"/,
    script: [CUT, { status: 200, body: '<html><title>Log in</title></html>', contentType: 'text/html' }],
    asked: ['200', `bytes=${AT}- 200`],
  },
  {
    what: '503, then the rest',
    exit: 0,
    script: [CUT, { status: 503 }],
    asked: ['200', `bytes=${AT}- 503`, REST],
  },
  {
    what: '404: the file was removed meanwhile',
    exit: 1,
    code: 'E_NOT_FOUND',
    script: [CUT, { status: 404 }],
    asked: ['200', `bytes=${AT}- 404`],
  },
  {
    what: 'a part with one byte wrong, and a digest to tell',
    exit: 3,
    code: 'E_DIGEST',
    script: [CUT, { flipByteAt: AT + 10 }],
    declared: (_, name) => ({ sha256: sha256(soundArchive(name)) }),
    asked: ['200', REST],
  },
  {
    what: 'a part nobody asked for',
    exit: 1,
    code: 'E_HTTP',
    says: 'where no part was asked',
    ...always({ status: 206, body: 'x', headers: { 'content-range': `bytes ${AT}-${SIZE - 1}/${SIZE}` } }),
  },
]

/** What a server says of the version decides whether the rest may be asked for (RFC 9110 13.1.5). */
const VALIDATORS: readonly Served[] = [
  {
    what: 'a weak ETag only',
    exit: 0,
    script: [{ ...CUT, etag: 'W/"weak"', headers: { 'last-modified': '' } }],
    asked: ['200', '200'],
  },
  { what: 'no validator at all', exit: 0, script: [{ ...CUT, ...NO_VALIDATOR }], asked: ['200', '200'] },
  {
    what: 'a Last-Modified only',
    exit: 0,
    script: [{ ...CUT, etag: '' }],
    always: { etag: '' },
    asked: ['200', REST],
  },
  {
    what: 'a Last-Modified of this second, which is weak',
    exit: 0,
    script: [
      { ...CUT, etag: '', headers: { 'last-modified': new Date(Date.now() + 3_600_000).toUTCString() } },
    ],
    asked: ['200', '200'],
  },
  {
    what: 'a Last-Modified that changes between tries',
    exit: 0,
    script: [{ ...CUT, etag: '', headers: { 'last-modified': 'Tue, 01 Jan 2019 00:00:00 GMT' } }],
    always: { etag: '' },
    asked: ['200', `bytes=${AT}- 200`],
  },
  {
    what: 'an ETag without quotes',
    exit: 0,
    script: [{ ...CUT, etag: 'bare', headers: { 'last-modified': '' } }],
    asked: ['200', '200'],
  },
]

export const RANGES = { 'answers to a range': served(ANSWERS), validators: served(VALIDATORS) }
