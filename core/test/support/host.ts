import { openSync, readSync, statSync } from 'node:fs'
import type { Keeping } from '../../src/net/kept.ts'
import { type CallScope, PluginHost } from '../../src/plugins/host.ts'
import type { FetchHelper, Plugin, Unpacked } from '../../src/plugins/types.ts'

function unused(): never {
  throw new Error('not to be asked in this test')
}

/** For a client of which no text is to be kept. */
export const keepsNothing: Keeping = {
  copies: { read: async () => undefined, write: unused },
  writes: false,
  withoutSecrets: (url) => url,
}

/** A call's scope without network and store. */
export function bareScope(more: Partial<CallScope> = {}): CallScope {
  const fetch: FetchHelper = { text: unused, bytes: unused, kept: unused, size: unused }
  return {
    signal: new AbortController().signal,
    tmpDir: '/nowhere',
    store: { root: '/nowhere', list: async () => [], unpack: unused },
    fetch,
    log: () => undefined,
    secret: () => undefined,
    askSecret: async () => undefined,
    ...more,
  }
}

/** What a format plugin makes of a file, through a host of its own. */
export async function opened(plugin: Plugin, file: string): Promise<Unpacked> {
  const head = Buffer.alloc(4096)
  const read = readSync(openSync(file, 'r'), head)
  const input = {
    file,
    size: statSync(file).size,
    head: head.subarray(0, read),
    hint: undefined,
    memberName: 'tool',
  }
  const answer = await new PluginHost([plugin]).bail<Unpacked>('normalise', input, bareScope())
  if (answer === undefined) throw new Error(`${plugin.name} does not take ${file}`)
  return answer.value
}
