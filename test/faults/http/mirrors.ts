import type { HttpFault } from '@pkgcache/core/testing'
import { soundArchive } from '../stand.ts'
import { contentFor, digestOf, FILE, fileUrl, type HttpPlaces, type Served, served, thrice } from './kit.ts'

/** The origin of a case: a host that does not exist, or one on this machine. */
const BEYOND = (_: HttpPlaces, name: string): string => `https://${name}.invalid/tool.tar.gz`
const pinned = (_: HttpPlaces, name: string) => ({ sha256: digestOf(name) })

/** First the second server's folder of this case, then the origin of the area. */
const two: NonNullable<Served['mirrors']> = ({ mirror, origin }, name) => ({
  [`https://${name}.invalid/`]: [`${mirror.url}/${name}/`, `${origin.url}/${name}/`],
})
/** The second server stands before the origin itself. */
const before: NonNullable<Served['mirrors']> = ({ mirror, origin }, name) => ({
  [`${origin.url}/${name}/`]: [`${mirror.url}/${name}/`],
})
const onMirror =
  (fault: HttpFault, content?: Buffer): Routes =>
  (_, name) => ({
    [`/${name}/${FILE}`]: { content: content ?? contentFor(name), always: fault },
  })
const good: NonNullable<Served['onMirror']> = (_, name) => ({
  [`/${name}/${FILE}`]: { content: contentFor(name) },
})

type Routes = NonNullable<Served['onMirror']>

/** The record and all three reports say who served. */
const servedBy = (where: 'origin' | 'mirror'): Pick<Served, 'also'> => ({
  also: ({ places, name, outcome }) => {
    const url = fileUrl(places[where], name)
    const { reports, records } = outcome.after
    const record = records.find((candidate) => candidate.name === name)
    // the text names only those that did not come from their own URL
    const files = ['report.json', 'report.html', ...(record?.url === url ? [] : ['report.txt'])]
    const silent = files.filter((file) => !reports[file]?.includes(url))
    return [
      ...(record?.served_by === url ? [] : [`the record says it was served by ${record?.served_by}`]),
      ...silent.map((file) => `${file} does not say that ${url} served`),
    ]
  },
})

const NEXT: readonly Served[] = [
  {
    what: 'the first has other bytes than the digest says',
    exit: 0,
    url: BEYOND,
    mirrors: two,
    onMirror: onMirror({ flipByteAt: 100 }),
    declared: pinned,
    askedMirror: ['200'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first has an older file, and a checksum file tells',
    exit: 0,
    url: BEYOND,
    mirrors: two,
    onMirror: onMirror({}, soundArchive('older')),
    beside: (_, name) => ({ [`/${name}/SUMS`]: { content: `${digestOf(name)}  ${FILE}\n` } }),
    declared: ({ origin }, name) => ({ checksumUrl: `${origin.url}/${name}/SUMS` }),
    askedMirror: ['200'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first is down',
    exit: 0,
    mirrors: ({ closed, origin }, name) => ({ [`${origin.url}/${name}/`]: [`${closed}/`] }),
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first has no such file',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ status: 404 }),
    askedMirror: ['404'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first refuses',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ status: 403 }),
    askedMirror: ['403'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first is overloaded',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ status: 503 }),
    askedMirror: thrice('503'),
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first hangs',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ stallAfter: 10 }),
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first cuts off each time: nothing of its bytes is joined with the next one’s',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ endAfter: 2000 }, soundArchive('of the mirror')),
    askedMirror: ['200', 'bytes=2000- 206', 'bytes=4000- 206'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first compresses',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ gzip: true }),
    askedMirror: ['200'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first shows a login page',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ body: '<html>Log in first</html>', contentType: 'text/html' }),
    askedMirror: ['200'],
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first redirects in a circle',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({ redirectTo: FILE }),
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'the first has a file over the cap',
    exit: 0,
    mirrors: before,
    onMirror: onMirror({}, Buffer.alloc(150_000, 1)),
    asked: ['200'],
    ...servedBy('origin'),
  },
  {
    what: 'an http mirror of an https origin is the user’s word',
    exit: 0,
    url: BEYOND,
    mirrors: two,
    onMirror: good,
    askedMirror: ['200'],
    asked: [],
    ...servedBy('mirror'),
  },
  {
    what: 'Authorization of the origin is not for a mirror',
    exit: 0,
    url: ({ origin }, name) => fileUrl(origin, name).replace('http://', 'http://user:secret@'),
    mirrors: ({ origin, mirror }, name) => ({
      [`${origin.url.replace('http://', 'http://user:secret@')}/${name}/`]: [`${mirror.url}/${name}/`],
    }),
    onMirror: good,
    also: ({ places, name }) =>
      places.mirror.requests
        .filter(({ path }) => path.startsWith(`/${name}/`))
        .some(({ headers }) => headers.authorization)
        ? ['the mirror got it']
        : [],
  },
]

const NONE: readonly Served[] = [
  {
    what: 'all have other bytes than the digest says',
    exit: 3,
    code: 'E_DIGEST',
    says: /sha256 [0-9a-f]{64}, but .* says [0-9a-f]{64}/,
    hint: 'asked in order: ',
    url: BEYOND,
    mirrors: two,
    onMirror: onMirror({ flipByteAt: 100 }),
    always: { flipByteAt: 101 },
    declared: pinned,
  },
  {
    what: 'one has wrong bytes, the others are down: the wrong bytes are told',
    exit: 3,
    code: 'E_DIGEST',
    hint: /E_NOT_FOUND.*E_DIGEST/,
    mirrors: before,
    onMirror: onMirror({ status: 404 }),
    always: { flipByteAt: 100 },
    declared: pinned,
  },
  {
    what: 'one has no such file, the others are down: the missing file is told',
    exit: 1,
    code: 'E_NOT_FOUND',
    hint: /E_UNREACHABLE.*E_NOT_FOUND/,
    mirrors: ({ closed, origin }, name) => ({ [`${origin.url}/${name}/`]: [`${closed}/`] }),
    always: { status: 404 },
  },
  {
    what: 'all are down',
    exit: 1,
    code: 'E_UNREACHABLE',
    hint: 'asked in order: ',
    url: ({ closed }, name) => `${closed}/${name}/x`,
    mirrors: ({ closed }, name) => ({ [`${closed}/${name}/`]: [`${closed}/a/`, `${closed}/b/`] }),
  },
]

const ONLY: readonly Served[] = [
  {
    what: 'the mirror has no such file; the origin is not asked',
    exit: 1,
    code: 'E_NOT_FOUND',
    config: { mirrorsOnly: true },
    mirrors: before,
    onMirror: onMirror({ status: 404 }),
    askedMirror: ['404'],
    asked: [],
  },
  {
    what: 'the mirror is cut off each time; the origin is not asked',
    exit: 1,
    code: 'E_TRUNCATED',
    config: { mirrorsOnly: true },
    mirrors: before,
    onMirror: onMirror({ endAfter: 100, etag: '', headers: { 'last-modified': '' } }),
    askedMirror: thrice('200'),
    asked: [],
  },
]

export const MIRRORS = {
  'mirrors: the next one is tried': served(NEXT),
  'mirrors: none has it': served(NONE),
  mirrorsOnly: served(ONLY),
}
