import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type FetchRequest,
  type FetchResponse,
  PkgcacheError,
  type PluginApi,
  type PluginContext,
} from '@pkgcache/core'
import plugin, { type FetchHttpOptions } from '../src/index.ts'

export type Fetch = (
  url: string,
  more?: Omit<Partial<FetchRequest>, 'url'>,
  signal?: AbortSignal,
) => Promise<FetchResponse>

/** What a plugin said to core. */
export interface Told {
  readonly warnings: string[]
  readonly secrets: string[]
}

/** Configures the plugin as a user would and gives its tapped hook. */
export function configured(options?: FetchHttpOptions, said: Told = { warnings: [], secrets: [] }): Fetch {
  let tapped: ((request: FetchRequest, ctx: PluginContext) => Promise<FetchResponse>) | undefined
  const fetch = {
    tapPromise: (_: string, tap: typeof tapped) => {
      tapped = tap
    },
  }
  plugin(options).setup({ hooks: { fetch } } as unknown as PluginApi)
  return async (url, more, signal = new AbortController().signal) => {
    if (tapped === undefined) throw new Error('fetch-http taps no hook')
    const ctx = {
      signal,
      logger: { warn: (message: string) => void said.warnings.push(message) },
      secret: (text: string) => void said.secrets.push(text),
    }
    return tapped({ ...get(url), ...more }, ctx as unknown as PluginContext)
  }
}

export function get(url: string): FetchRequest {
  return { url: new URL(url), method: 'GET', headers: {} }
}

export async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The whole of one download as text. */
export async function textOf(response: FetchResponse): Promise<string> {
  return (await read(response.body)).toString()
}

/** The PkgcacheError that `promise` must end with. */
export async function failure(promise: Promise<unknown>): Promise<PkgcacheError> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  )
  if (thrown instanceof PkgcacheError) return thrown
  throw thrown
}

/** What a user reads of a failure, beside its code. */
export function told(error: PkgcacheError): { code: string; retryable: boolean; message: string } {
  return { code: error.code, retryable: error.retryable, message: error.message }
}

/** A certificate of its own authority for 127.0.0.1, made by openssl. */
export function selfSigned(): { key: string; cert: string; file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pkgcache-tls-'))
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ]
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', file], { stdio: 'pipe' })
  const remove = (): void => rmSync(folder, { recursive: true })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file, remove }
}
