import { always, contentFor, FILE, fileUrl, once, type Served, served, thrice } from './kit.ts'

const LOGIN =
  '<!doctype html>\n<html><head><title>Sign in to the gateway</title></head><body>Please sign in</body></html>\n'
const status = (code: number, more: object = {}) => always({ status: code, ...more })

const STATUSES: readonly Served[] = [
  { what: '204 No Content', exit: 1, code: 'E_HTTP', says: '204', ...status(204), asked: ['204'] },
  { what: '304 Not Modified', exit: 1, code: 'E_HTTP', says: '304', ...status(304), asked: ['304'] },
  { what: '300 Multiple Choices', exit: 1, code: 'E_HTTP', says: '300', ...status(300), asked: ['300'] },
  {
    what: '400 Bad Request',
    exit: 1,
    code: 'E_HTTP',
    says: '400 Bad Request',
    ...status(400),
    asked: ['400'],
  },
  { what: '401 Unauthorized', exit: 1, code: 'E_FORBIDDEN', says: '401', ...status(401), asked: ['401'] },
  { what: '403 Forbidden', exit: 1, code: 'E_FORBIDDEN', says: '403', ...status(403), asked: ['403'] },
  { what: '404 Not Found', exit: 1, code: 'E_NOT_FOUND', says: '404', ...status(404), asked: ['404'] },
  {
    what: '407 Proxy Authentication Required',
    exit: 1,
    code: 'E_FORBIDDEN',
    says: '407',
    ...status(407),
    asked: ['407'],
  },
  { what: '410 Gone', exit: 1, code: 'E_NOT_FOUND', says: '410', ...status(410), asked: ['410'] },
  { what: '451', exit: 1, code: 'E_HTTP', says: '451', ...status(451), asked: ['451'] },
  {
    what: '429 with Retry-After, once',
    exit: 0,
    ...once({ status: 429, headers: { 'retry-after': '1' } }),
    asked: ['429', '200'],
  },
  {
    what: '429 for ever',
    exit: 1,
    code: 'E_HTTP',
    says: '429',
    ...status(429, { headers: { 'retry-after': '0' } }),
    asked: thrice('429'),
  },
  { what: '500, once', exit: 0, ...once({ status: 500 }), asked: ['500', '200'] },
  {
    what: '502, then 504, then the file',
    exit: 0,
    script: [{ status: 502 }, { status: 504 }],
    asked: ['502', '504', '200'],
  },
  {
    what: '503 for ever',
    exit: 1,
    code: 'E_HTTP',
    says: '503 Service Unavailable',
    ...status(503),
    asked: thrice('503'),
  },
  { what: '599', exit: 1, code: 'E_HTTP', says: '599', ...status(599), asked: thrice('599') },
]

/** RFC 8297: an answer before the answer. */
function afterHints(content: Buffer): Buffer {
  const head = `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${RAW}Content-Length: ${content.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content])
}

const RAW = 'HTTP/1.1 200 OK\r\n'

const NO_HTTP: readonly Served[] = [
  {
    what: 'the banner of another protocol',
    exit: 1,
    code: 'E_HTTP',
    says: 'breaks the HTTP protocol',
    ...always({ raw: 'SSH-2.0-OpenSSH_9.2\r\n' }),
  },
  {
    what: 'bytes of TLS',
    exit: 1,
    code: 'E_HTTP',
    says: 'breaks the HTTP protocol',
    ...always({ raw: Uint8Array.of(21, 3, 1, 0, 2, 2, 70) }),
  },
  {
    what: 'HTTP/0.9: a body and nothing else',
    exit: 1,
    code: 'E_HTTP',
    says: 'breaks the HTTP protocol',
    ...always({ raw: 'the file itself' }),
  },
  {
    what: 'headers over 16 KiB',
    exit: 1,
    code: 'E_HTTP',
    says: 'breaks the HTTP protocol',
    ...always({ headers: { 'x-big': 'x'.repeat(100_000) } }),
  },
  {
    what: 'a Content-Length that is no number',
    exit: 1,
    code: 'E_HTTP',
    ...always({ raw: `${RAW}Content-Length: many\r\n\r\nx` }),
  },
  {
    what: 'two Content-Lengths that differ',
    exit: 1,
    code: 'E_HTTP',
    ...always({ raw: `${RAW}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx` }),
  },
  {
    what: 'Content-Length and chunked at once',
    exit: 1,
    code: 'E_HTTP',
    ...always({ raw: `${RAW}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n` }),
  },
  {
    what: 'a chunk size that is no number',
    exit: 1,
    code: 'E_HTTP',
    ...always({ raw: `${RAW}Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n` }),
  },
  { what: 'a header without a colon', exit: 1, code: 'E_HTTP', ...always({ raw: `${RAW}nonsense\r\n\r\n` }) },
  {
    what: 'a connection closed without a word',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'closed before an answer',
    ...always({ raw: '' }),
    asked: thrice('-'),
  },
  {
    what: 'early hints before the answer',
    exit: 0,
    beside: (_, name) => ({ [`/${name}/${FILE}`]: { always: { raw: afterHints(contentFor(name)) } } }),
    asked: ['-'],
  },
  {
    what: 'a port where nobody listens',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'the connection is refused (ECONNREFUSED)',
    url: ({ closed }, name) => `${closed}/${name}`,
  },
  {
    what: 'a host name that does not exist',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: /the host name (is unknown|cannot be looked up)/,
    hint: 'DNS',
    url: (_, name) => `http://${name}.invalid/tool.tar.gz`,
  },
  {
    what: 'https asked of a port that speaks http',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'TLS',
    url: ({ origin }, name) => fileUrl(origin, name).replace('http:', 'https:'),
  },
  {
    what: 'http asked of a port that speaks https',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'closed before an answer',
    url: ({ tls }, name) => fileUrl(tls, name).replace('https:', 'http:'),
  },
  {
    what: 'a scheme that nobody takes',
    exit: 1,
    code: 'E_SCHEME',
    says: 'ftp',
    url: (_, name) => `ftp://127.0.0.1/${name}`,
  },
]

/** A body that is not the file, though the status says so. */
const BODIES: readonly Served[] = [
  {
    what: 'Content-Encoding gzip',
    exit: 1,
    code: 'E_HTTP',
    says: 'Content-Encoding gzip',
    ...always({ gzip: true }),
    asked: ['200'],
  },
  {
    what: 'a Content-Encoding that is not known',
    exit: 1,
    code: 'E_HTTP',
    says: 'Content-Encoding br',
    ...always({ raw: `${RAW}Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx` }),
  },
  { what: 'Content-Encoding identity', exit: 0, ...always({ headers: { 'content-encoding': 'identity' } }) },
  {
    what: 'a login page as text/html',
    exit: 1,
    code: 'E_HTTP',
    says: /Sign in to the gateway|doctype html/,
    ...always({ body: LOGIN, contentType: 'text/html' }),
    asked: ['200'],
  },
  {
    what: 'a login page as octet-stream',
    exit: 1,
    code: 'E_HTTP',
    says: /Sign in to the gateway|doctype html/,
    ...always({ body: LOGIN, contentType: 'application/octet-stream' }),
    asked: ['200'],
  },
  {
    what: 'a login page in place of a program',
    exit: 1,
    code: 'E_HTTP',
    says: /Sign in to the gateway|doctype html/,
    ...always({ body: LOGIN, contentType: 'text/html' }),
    declared: () => ({ format: 'binary' }),
  },
  {
    what: 'a login page in place of a file that is kept',
    exit: 1,
    code: 'E_HTTP',
    says: /Sign in to the gateway|doctype html/,
    ...always({ body: LOGIN, contentType: 'text/html; charset=utf-8' }),
    declared: () => ({ normalise: false }),
  },
  {
    what: 'a text',
    exit: 1,
    code: 'E_FORMAT',
    says: 'not here',
    ...always({ body: 'not here, ask later\n' }),
  },
  {
    what: 'JSON',
    exit: 1,
    code: 'E_FORMAT',
    says: 'error',
    ...always({ body: '{"error":"quota"}', contentType: 'application/json' }),
  },
  { what: 'nothing, with 200', exit: 1, code: 'E_FORMAT', ...always({ body: '' }) },
]

export const ANSWERS = {
  statuses: served(STATUSES),
  'no HTTP': served(NO_HTTP),
  'other bodies': served(BODIES),
}
