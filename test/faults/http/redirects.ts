import type { HttpServer } from '@pkgcache/core/testing'
import { contentFor, FILE, fileUrl, type HttpPlaces, once, requestsFor, type Served, served } from './kit.ts'

const REDIRECTS = ['302']

/** What a server got as Authorization, for each request below a case's folder. */
function authorizations(server: HttpServer, name: string): (string | undefined)[] {
  return server.requests
    .filter(({ path }) => path.startsWith(`/${name}/`))
    .map(({ headers }) => headers.authorization)
}

const withPassword = ({ origin }: HttpPlaces, name: string): string =>
  fileUrl(origin, name).replace('http://', 'http://user:secret@')
const BASIC = `Basic ${Buffer.from('user:secret').toString('base64')}`

/** The file's route leads to `to`, however often it is asked. */
const leadsTo = (to: (places: HttpPlaces, name: string) => string): Pick<Served, 'beside'> => ({
  beside: (places, name) => ({
    [`/${name}/${FILE}`]: { always: { redirectTo: to(places, name) } },
    [`/${name}/moved`]: { content: contentFor(name) },
  }),
})
const onMirror: NonNullable<Served['onMirror']> = (_, name) => ({
  [`/${name}/moved`]: { content: contentFor(name) },
})

const BROKEN: readonly Served[] = [
  {
    what: 'to itself',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'where it came from',
    ...leadsTo(({ origin }, name) => fileUrl(origin, name)),
    asked: REDIRECTS,
  },
  {
    what: 'round in a circle of two',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'where it came from',
    beside: (_, name) => ({
      [`/${name}/${FILE}`]: { always: { redirectTo: 'b' } },
      [`/${name}/b`]: { always: { redirectTo: FILE } },
    }),
    asked: REDIRECTS,
  },
  {
    what: 'on and on',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'after 10 redirects',
    beside: (_, name) => ({
      [`/${name}/${FILE}`]: { always: { redirectTo: 'r0' } },
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [`/${name}/r${n}`, { always: { redirectTo: `r${n + 1}` } }]),
      ),
    }),
    also: ({ places, name }) => {
      const asked = places.origin.requests.filter(({ path }) => path.startsWith(`/${name}/`)).length
      return asked === 11 ? [] : [`${asked} requests`]
    },
  },
  {
    what: 'without a Location',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'without a Location',
    always: { status: 302 },
    asked: REDIRECTS,
  },
  {
    what: 'to something that is no URL',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'no URL',
    ...leadsTo(() => 'http://[broken/'),
    asked: REDIRECTS,
  },
  {
    what: 'to ftp:',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'ftp:',
    ...leadsTo(() => 'ftp://127.0.0.1/x'),
    asked: REDIRECTS,
  },
  {
    what: 'to file:',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'file:',
    ...leadsTo(() => 'file:///etc/passwd'),
    asked: REDIRECTS,
  },
  {
    what: 'to data:',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'data:',
    ...leadsTo(() => 'data:text/plain,x'),
    asked: REDIRECTS,
  },
  {
    what: 'from https to http',
    exit: 1,
    code: 'E_REDIRECT',
    says: 'from https to http',
    url: ({ tls, origin }, name) => {
      tls.route(`/${name}/${FILE}`, { always: { redirectTo: fileUrl(origin, name) } })
      return fileUrl(tls, name)
    },
    asked: [],
  },
  {
    what: 'to a page that is not there',
    exit: 1,
    code: 'E_NOT_FOUND',
    says: '/gone answered 404',
    ...leadsTo(() => 'gone'),
    asked: REDIRECTS,
  },
  {
    what: 'to a port where nobody listens',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'refused',
    ...leadsTo(({ closed }) => `${closed}/x`),
    asked: ['302', '302', '302'],
  },
]

const GOOD: readonly Served[] = [
  {
    what: 'a chain of ten',
    exit: 0,
    beside: (_, name) => ({
      [`/${name}/${FILE}`]: { always: { redirectTo: 'r1' } },
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [
          `/${name}/r${n + 1}`,
          {
            always: {
              redirectTo: n === 8 ? 'moved' : `r${n + 2}`,
              status: [301, 302, 303, 307, 308][n % 5] ?? 302,
            },
          },
        ]),
      ),
      [`/${name}/moved`]: { content: contentFor(name) },
    }),
    also: ({ outcome, name }) => {
      const record = outcome.after.records.find((candidate) => candidate.name === name)
      return record?.served_by.endsWith(`/${name}/moved`) ? [] : [`served by ${record?.served_by}`]
    },
  },
  {
    what: 'cut off behind a redirect: the rest comes from there',
    exit: 0,
    beside: (_, name) => ({
      [`/${name}/${FILE}`]: { always: { redirectTo: 'moved' } },
      [`/${name}/moved`]: { content: contentFor(name), script: [{ endAfter: 3000 }] },
    }),
    asked: ['302', 'bytes=3000- 302'],
    also: ({ places, name }) => {
      const asked = requestsFor(places.origin, `/${name}/moved`)
      return asked.join() === '200,bytes=3000- 206' ? [] : [`moved was asked ${asked}`]
    },
  },
  {
    what: 'within the origin: Authorization goes along',
    exit: 0,
    url: withPassword,
    ...leadsTo(() => 'moved'),
    also: ({ places, name }) => {
      const sent = authorizations(places.origin, name)
      return sent.length === 2 && sent.every((value) => value === BASIC) ? [] : [`sent ${sent}`]
    },
  },
  {
    what: 'to another origin: Authorization stays',
    exit: 0,
    url: withPassword,
    ...leadsTo(({ mirror }, name) => `${mirror.url}/${name}/moved`),
    onMirror,
    also: ({ places, name }) => [
      ...(authorizations(places.origin, name).join() === BASIC ? [] : ['the origin did not get it']),
      ...(authorizations(places.mirror, name).join('|') === '' ? [] : ['another origin got it']),
      ...(places.mirror.requests.some(({ path }) => path === `/${name}/moved`) ? [] : ['not asked']),
    ],
  },
  {
    what: 'to another origin and back: Authorization does not come again',
    exit: 0,
    url: withPassword,
    ...leadsTo(({ mirror }, name) => `${mirror.url}/${name}/back`),
    onMirror: ({ origin }, name) => ({
      [`/${name}/back`]: { always: { redirectTo: `${origin.url}/${name}/moved` } },
    }),
    also: ({ places, name }) => {
      const sent = authorizations(places.origin, name)
      return sent.length === 2 && sent[0] === BASIC && sent[1] === undefined ? [] : [`sent ${sent}`]
    },
  },
  {
    what: 'to a URL with a password in it: it is not sent',
    exit: 0,
    ...leadsTo(({ mirror }, name) => `${mirror.url.replace('http://', 'http://a:b@')}/${name}/moved`),
    onMirror,
    also: ({ places, name }) => (authorizations(places.mirror, name).join('|') === '' ? [] : ['it was sent']),
  },
  { what: 'once, then the file', exit: 0, ...once({ redirectTo: '?again' }), asked: ['302', '200'] },
]

export const REDIRECT = {
  'redirects that are refused': served(BROKEN),
  'redirects that are followed': served(GOOD),
}
