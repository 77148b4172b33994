import { open } from 'node:fs/promises'
import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import type { FormatInput, Unpacked } from '../plugins/types.ts'

const HEAD_BYTES = 4096

/** The format plugins, as whoever has a host offers them. */
export interface Formats {
  /** The first plugin's answer; undefined when none claims the file. */
  open(input: FormatInput): Promise<Unpacked | undefined>
  /** Names of the plugins, for messages. */
  readonly names: readonly string[]
}

/** Asks the format plugins what a file is. @throws E_FORMAT when none recognises it */
export async function recognise(input: Omit<FormatInput, 'head'>, formats: Formats): Promise<Unpacked> {
  const head = await readHead(input.file)
  const unpacked = await formats.open({ ...input, head })
  if (unpacked !== undefined) return unpacked
  const start = printable(JSON.stringify(Buffer.from(head.subarray(0, 24)).toString('latin1')))
  throw new PkgcacheError('E_FORMAT', `no format plugin recognises the download; it starts with ${start}`, {
    hint: `loaded formats: ${formats.names.join(', ') || 'none'}; \`format: 'binary'\` packs a bare program, \`normalise: false\` keeps the file as it is`,
  })
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
