import { always, once, type Served, SIZE, served, thrice } from './kit.ts'

const HALF = SIZE >> 1
const NO_LENGTH = { headers: { 'content-length': String(SIZE + 10) }, endAfter: SIZE }

/** Connections that end, hang or lie about the length. A file that comes in the end must be whole. */
const ENDS: readonly Served[] = [
  { what: 'reset before the answer, once', exit: 0, ...once({ resetAfter: -1 }), asked: ['-', '200'] },
  {
    what: 'reset before the answer, always',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'the connection was reset',
    ...always({ resetAfter: -1 }),
    asked: thrice('-'),
  },
  { what: 'reset at byte 0', exit: 0, ...once({ resetAfter: 0 }), asked: ['200', '200'] },
  { what: 'closed at byte 0', exit: 0, ...once({ endAfter: 0 }), asked: ['200', '200'] },
  { what: 'closed after one byte', exit: 0, ...once({ endAfter: 1 }), asked: ['200', 'bytes=1- 206'] },
  {
    what: 'reset in the middle, once',
    exit: 0,
    ...once({ resetAfter: HALF }),
    asked: ['200', /^bytes=\d+- 206$|^200$/],
  },
  {
    what: 'closed in the middle, once',
    exit: 0,
    ...once({ endAfter: HALF }),
    asked: ['200', `bytes=${HALF}- 206`],
  },
  {
    what: 'reset before the last byte',
    exit: 0,
    ...once({ resetAfter: SIZE - 1 }),
    asked: ['200', /^bytes=\d+- 206$|^200$/],
  },
  {
    what: 'closed before the last byte',
    exit: 0,
    ...once({ endAfter: SIZE - 1 }),
    asked: ['200', `bytes=${SIZE - 1}- 206`],
  },
  {
    what: 'closed twice, at another place each time',
    exit: 0,
    script: [{ endAfter: 1000 }, { endAfter: 2000 }],
    asked: ['200', 'bytes=1000- 206', 'bytes=3000- 206'],
  },
  {
    what: 'closed after 1000 bytes, always',
    exit: 1,
    code: 'E_TRUNCATED',
    says: /before its announced end|ended after/,
    ...always({ endAfter: 1000 }),
    asked: ['200', 'bytes=1000- 206', 'bytes=2000- 206'],
  },
  {
    what: 'closed before any byte of the body, always',
    exit: 1,
    code: 'E_TRUNCATED',
    ...always({ endAfter: 0 }),
    asked: thrice('200'),
  },
  {
    what: 'closed at every try, with a checksum in hand',
    exit: 1,
    code: 'E_TRUNCATED',
    ...always({ endAfter: HALF, etag: '', headers: { 'last-modified': '' } }),
    declared: () => ({ sha256: 'ab'.repeat(32) }),
    asked: thrice('200'),
  },
]

const HANGS: readonly Served[] = [
  {
    what: 'no answer',
    exit: 1,
    code: 'E_STALLED',
    says: 'no answer for',
    hint: 'stallTimeout',
    ...always({ delayMs: 60_000 }),
    asked: thrice('-'),
  },
  { what: 'no answer, once', exit: 0, ...once({ delayMs: 60_000 }), asked: ['-', '200'] },
  {
    what: 'silence in the middle, always',
    exit: 1,
    code: 'E_STALLED',
    says: 'no byte for',
    ...always({ stallAfter: 100 }),
    asked: ['200', 'bytes=100- 206', 'bytes=200- 206'],
  },
  {
    what: 'silence in the middle, once',
    exit: 0,
    ...once({ stallAfter: HALF }),
    asked: ['200', `bytes=${HALF}- 206`],
  },
  {
    what: 'a trickle that never stops for long',
    exit: 0,
    ...always({ trickle: Math.ceil(SIZE / 30), trickleMs: 100 }),
    asked: ['200'],
  },
]

const LENGTHS: readonly Served[] = [
  { what: 'a chunked body', exit: 0, ...always({ chunked: true }), asked: ['200'] },
  {
    what: 'a chunked body without its last chunk, once',
    exit: 0,
    ...once({ chunked: true, endAfter: HALF }),
    asked: ['200', `bytes=${HALF}- 206`],
  },
  {
    what: 'a chunked body without its last chunk, always',
    exit: 1,
    code: 'E_TRUNCATED',
    ...always({ chunked: true, endAfter: SIZE, ignoreRange: true }),
    asked: [/^200$/, /^bytes=\d+- 200$/, /^bytes=\d+- 200$/],
  },
  {
    what: 'a Content-Length of ten bytes too many',
    exit: 1,
    code: 'E_TRUNCATED',
    ...always({ ...NO_LENGTH, ignoreRange: true }),
  },
  {
    what: 'a Content-Length of ten bytes too few',
    exit: 1,
    code: 'E_ARCHIVE',
    says: 'damaged or truncated',
    ...always({ headers: { 'content-length': String(SIZE - 10) } }),
  },
  {
    what: 'a Content-Length of ten bytes too few, with a digest',
    exit: 3,
    code: 'E_DIGEST',
    ...always({ headers: { 'content-length': String(SIZE - 10) } }),
    declared: () => ({ sha256: 'ab'.repeat(32) }),
  },
  {
    what: 'a Content-Length of 0',
    exit: 1,
    code: 'E_FORMAT',
    ...always({ headers: { 'content-length': '0' }, body: '' }),
  },
  { what: 'ten bytes more than announced', exit: 0, ...always({ extraBytes: 10 }) },
  {
    what: 'a body without length that ends in the middle',
    exit: 1,
    code: 'E_ARCHIVE',
    says: 'damaged or truncated',
    ...always({
      raw: Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
        Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
      ]),
    }),
  },
  {
    what: 'a file over the cap, announced',
    exit: 1,
    code: 'E_TOO_LARGE',
    hint: 'limits.downloadBytes',
    route: { content: Buffer.alloc(150_000, 1) },
    asked: ['200'],
  },
  {
    what: 'a file over the cap, not announced',
    exit: 1,
    code: 'E_TOO_LARGE',
    hint: 'limits.downloadBytes',
    route: { content: Buffer.alloc(150_000, 1) },
    ...always({ chunked: true }),
    asked: ['200'],
  },
]

export const CUT = {
  'connections that end': served(ENDS),
  'connections that hang': served(HANGS),
  'lengths that lie': served(LENGTHS),
}
