import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import type { Config, PackageConfig } from '@pkgcache/core'
import { type HttpFault, type HttpRoute, type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { selfSigned } from '../../../plugins/fetch-http/test/support.ts'
import type { Expectation } from '../checks.ts'
import type { Area, CaseSeen, FaultCase } from '../kit.ts'
import { soundArchive } from '../stand.ts'

/** Longest silence the runs of this area bear, in ms. */
export const STALL_MS = 1_500
/** Most that one download may have in this area. */
export const MOST_BYTES = 100_000

export interface HttpPlaces {
  readonly origin: HttpServer
  /** A server on another port: another origin. */
  readonly mirror: HttpServer
  readonly tls: HttpServer
  /** `http://127.0.0.1:<port>` on which nothing listens. */
  readonly closed: string
  /** PEM file of the authority of `tls`. */
  readonly authority: string
  readonly stop: () => Promise<void>
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

export const HTTP: Area<HttpPlaces> = {
  name: 'http',
  plugins: `fetchHttp({ stallTimeout: ${STALL_MS}, connectTimeout: 3000 })`,
  config: {
    concurrency: { resolve: 64, fetch: 64, perHost: 64 },
    limits: { downloadBytes: MOST_BYTES },
  },
  env: ({ authority }) => ({ NODE_EXTRA_CA_CERTS: authority }),
  async open({ server: origin }) {
    const certificate = selfSigned()
    const [mirror, tls] = await Promise.all([startHttpServer(), startHttpServer({ tls: certificate })])
    return {
      origin,
      mirror,
      tls,
      closed: `http://127.0.0.1:${await closedPort()}`,
      authority: certificate.file,
      async stop() {
        await Promise.all([mirror.close(), tls.close()])
        certificate.remove()
      },
    }
  },
  close: (places) => places.stop(),
}

/** The file that is fetched, below the name of its case. */
export const FILE = 'tool.tar.gz'
export const contentFor = (name: string): Buffer => soundArchive(name)
/** Bytes of every such file. */
export const SIZE = contentFor('size').length

export function digestOf(name: string, algorithm = 'sha256'): string {
  return createHash(algorithm).update(contentFor(name)).digest('hex')
}

/** How one file is served, and what is declared. */
export interface Served extends Expectation {
  readonly what: string
  readonly config?: Config
  /** What the first requests get; those after the last are answered as they should be. */
  readonly script?: readonly HttpFault[]
  /** What every request gets. */
  readonly always?: HttpFault
  /** Of the file's route. */
  readonly route?: HttpRoute
  /** Further routes of the origin, by path. */
  readonly beside?: (places: HttpPlaces, name: string) => Readonly<Record<string, HttpRoute>>
  /** Routes of the second server. */
  readonly onMirror?: (places: HttpPlaces, name: string) => Readonly<Record<string, HttpRoute>>
  /** Default: the file's URL on the origin. */
  readonly url?: (places: HttpPlaces, name: string) => string
  readonly declared?: (places: HttpPlaces, name: string) => Partial<PackageConfig>
  /** By the prefix they stand in for. */
  readonly mirrors?: (places: HttpPlaces, name: string) => Readonly<Record<string, readonly string[]>>
  /** Requests for the file as the origin saw them, in order: `200`, `bytes=6000- 206`; `-` without an answer. */
  readonly asked?: readonly (string | RegExp)[]
  /** The same on the second server. */
  readonly askedMirror?: readonly (string | RegExp)[]
  /** Digest of what must be recorded as the download. Default: that of the file. */
  readonly recorded?: (name: string) => string
  readonly also?: (seen: CaseSeen<HttpPlaces>) => readonly string[]
}

export function fileUrl(server: HttpServer, name: string): string {
  return `${server.url}/${name}/${FILE}`
}

function addRoutes(server: HttpServer, routes: Readonly<Record<string, HttpRoute>>): void {
  for (const [path, route] of Object.entries(routes)) server.route(path, route)
}

/** Requests to one path, as `Served.asked` writes them. */
export function requestsFor(server: HttpServer, path: string): string[] {
  return server.requests
    .filter((request) => request.path.split('?')[0] === path)
    .map(({ headers, status }) => [headers.range, status || '-'].filter(Boolean).join(' '))
}

function askedFaults(where: string, seen: readonly string[], wanted: Served['asked']): string[] {
  if (wanted === undefined) return []
  const same =
    seen.length === wanted.length &&
    wanted.every((want, index) =>
      typeof want === 'string' ? want === seen[index] : want.test(seen[index] ?? ''),
    )
  return same ? [] : [`${where} was asked ${JSON.stringify(seen)}`]
}

function alsoFaults(served: Served, { places, name, outcome }: CaseSeen<HttpPlaces>): string[] {
  const path = `/${name}/${FILE}`
  const faults = [
    ...askedFaults('the origin', requestsFor(places.origin, path), served.asked),
    ...askedFaults('the mirror', requestsFor(places.mirror, path), served.askedMirror),
  ]
  const record = outcome.after.records.find((candidate) => candidate.name === name)
  const wanted = served.recorded?.(name) ?? digestOf(name)
  if (record && record.source_sha256 !== wanted) faults.push('what is recorded is not the file')
  return faults
}

/** A table of files as cases. */
export function served(table: readonly Served[]): FaultCase<HttpPlaces>[] {
  return table.map((one) => ({
    what: one.what,
    exit: one.exit,
    ...(one.code !== undefined && { code: one.code }),
    ...(one.says !== undefined && { says: one.says }),
    ...(one.hint !== undefined && { hint: one.hint }),
    ...(one.config !== undefined && { config: one.config }),
    given(places, name) {
      const { script, always, route } = one
      addRoutes(places.origin, {
        [`/${name}/${FILE}`]: {
          content: contentFor(name),
          ...(script && { script }),
          ...(always && { always }),
          ...route,
        },
        ...one.beside?.(places, name),
      })
      addRoutes(places.mirror, one.onMirror?.(places, name) ?? {})
      const url = one.url?.(places, name) ?? fileUrl(places.origin, name)
      const mirrors = one.mirrors?.(places, name)
      return { package: { url, ...one.declared?.(places, name) }, ...(mirrors && { mirrors }) }
    },
    also: (seen) => [...alsoFaults(one, seen), ...(one.also?.(seen) ?? [])],
  }))
}

/** The same fault once and then no more, and the same fault for ever. */
export const once = (fault: HttpFault): Pick<Served, 'script'> => ({ script: [fault] })
export const always = (fault: HttpFault): Pick<Served, 'always'> => ({ always: fault })
/** A fault that can pass is tried three times. */
export const thrice = (request: string): string[] => [request, request, request]
