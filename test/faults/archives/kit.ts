import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Config, printable } from '@pkgcache/core'
import { type HttpServer, type RawTarEntry, type RawZipEntry, rawTar, rawZip } from '@pkgcache/core/testing'
import type { Expectation } from '../checks.ts'
import type { Area, FaultCase } from '../kit.ts'

export interface ArchivePlaces {
  readonly origin: HttpServer
  readonly dir: string
}

export const ARCHIVES: Area<ArchivePlaces> = {
  name: 'archives',
  config: { concurrency: { fetch: 16, perHost: 16 } },
  open: async ({ server }) => ({
    origin: server,
    dir: mkdtempSync(join(tmpdir(), 'pkgcache-archives-')),
  }),
  close: async ({ dir }) => rmSync(dir, { recursive: true }),
}

/** A member in the words that tar and zip share. */
export interface Shape {
  readonly path: string | Uint8Array
  /** Default `file`. */
  readonly kind?: 'file' | 'folder' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo' | 'socket'
  readonly target?: string
  readonly content?: string | Uint8Array
}

const TAR_TYPE = {
  file: '0',
  folder: '5',
  symlink: '2',
  hardlink: '1',
  character: '3',
  block: '4',
  fifo: '6',
  // no tar has sockets
  socket: undefined,
} as const
const UNIX_TYPE = {
  file: 0o100644,
  folder: 0o040755,
  symlink: 0o120777,
  // no zip has hard links
  hardlink: undefined,
  character: 0o020644,
  block: 0o060644,
  fifo: 0o010644,
  socket: 0o140644,
} as const

export const GOOD: Shape = { path: 'bin/tool', content: '#!/bin/sh\necho tool\n' }

function tarEntry({ path, kind = 'file', target = '', content }: Shape): RawTarEntry {
  const type = TAR_TYPE[kind]
  if (type === undefined) throw new Error(`no tar has a ${kind}`)
  return { name: path, type, linkName: target, content: content ?? (kind === 'file' ? 'x' : '') }
}

function zipEntry({ path, kind = 'file', target = '', content }: Shape): RawZipEntry {
  const mode = UNIX_TYPE[kind]
  if (mode === undefined) throw new Error(`no zip has a ${kind}`)
  const own = kind === 'symlink' ? target : kind === 'file' ? 'x' : ''
  return { name: path, mode, content: content ?? own }
}

export type Form = 'tar' | 'tar.gz' | 'zip'

const MAKE: Readonly<Record<Form, (shapes: readonly Shape[]) => Buffer>> = {
  tar: (shapes) => rawTar(shapes.map(tarEntry)),
  'tar.gz': (shapes) => gzipSync(rawTar(shapes.map(tarEntry))),
  zip: (shapes) => rawZip(shapes.map(zipEntry)),
}

/** What is wrong with an archive, in any form. */
export interface Hostile {
  readonly what: string
  readonly shapes: readonly Shape[]
  /** Name of the member as messages quote it. */
  readonly member: string
  readonly why: RegExp | string
  /** Default: all that can say it. */
  readonly forms?: readonly Form[]
  /** Default E_POLICY, exit 3; E_ARCHIVE is exit 1. */
  readonly code?: 'E_POLICY' | 'E_ARCHIVE'
  readonly hint?: string
  readonly config?: Config
  /** Without the sound member that comes first else. */
  readonly bare?: boolean
}

/** An archive given in its bytes. */
export interface Bytes extends Omit<Expectation, 'exit'> {
  readonly what: string
  readonly bytes: () => Uint8Array
  /** File name's end. Default `tar`. */
  readonly form?: string
  readonly config?: Config
  /** Then it comes from a file: undici alone takes 20 MB, which is no matter of the archive. */
  readonly peakBytes?: number
}

const EXIT = { E_POLICY: 3, E_DIGEST: 3 } as const

function exitOf(code: Expectation['code']): Expectation['exit'] {
  if (code === undefined) return 0
  return code in EXIT ? 3 : 1
}

/** What a message must hold: the member as it is quoted there, and what is wrong with it. */
function wording(member: string, why: RegExp | string): RegExp {
  const plain = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const source = typeof why === 'string' ? plain(why) : why.source
  return new RegExp(`member ${plain(printable(JSON.stringify(member)))}.*(${source})`)
}

/** One case per form. */
export function hostile(table: readonly Hostile[]): FaultCase<ArchivePlaces>[] {
  return table.flatMap(({ forms = ['tar', 'tar.gz', 'zip'], shapes, bare, code = 'E_POLICY', ...one }) =>
    forms.flatMap((form) =>
      served([
        {
          what: `${one.what} (${form})`,
          code,
          says: wording(one.member, one.why),
          form,
          bytes: () => MAKE[form](bare ? shapes : [GOOD, ...shapes]),
          ...(one.hint !== undefined && { hint: one.hint }),
          ...(one.config !== undefined && { config: one.config }),
        },
      ]),
    ),
  )
}

/** Cases of archives given in their bytes. */
export function served(table: readonly Bytes[]): FaultCase<ArchivePlaces>[] {
  return table.map(({ bytes, form = 'tar', ...one }) => ({
    ...one,
    exit: exitOf(one.code),
    given({ origin, dir }, name) {
      if (one.peakBytes !== undefined) {
        const file = join(dir, `${name}.${form}`)
        writeFileSync(file, bytes())
        return { package: { url: pathToFileURL(file).href } }
      }
      origin.route(`/${name}/archive.${form}`, { content: bytes() })
      return { package: { url: `${origin.url}/${name}/archive.${form}` } }
    },
  }))
}
