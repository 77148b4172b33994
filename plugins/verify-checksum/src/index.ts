import {
  defineVerifier,
  type Finding,
  hashFile,
  type PluginContext,
  type Staged,
  type TrustLevel,
} from '@pkgcache/core'

/** A digest that a person or a lock fixed is worth more than one that lies beside the file. */
const TRUST_OF_ORIGIN = {
  pinned: 'pinned',
  lock: 'pinned',
  'checksum-file': 'checksum-file',
} as const satisfies Record<string, TrustLevel>

const ORIGIN_IN_WORDS = {
  pinned: 'the pin',
  lock: 'the lock file',
  'checksum-file': 'the checksum file',
} as const

/** Every digest known beforehand against what was downloaded. */
function weighDownload({ resolved, digests }: Staged): Finding[] {
  return resolved.digests.map(({ algorithm, value, origin, from }) => {
    const actual = digests[algorithm]
    if (actual === value) {
      return {
        ok: true,
        trust: TRUST_OF_ORIGIN[origin],
        summary: `${algorithm} of the download equals ${ORIGIN_IN_WORDS[origin]}`,
        from,
      }
    }
    return {
      ok: false,
      summary: `${algorithm} of the download is ${actual}, but ${ORIGIN_IN_WORDS[origin]} says ${value}`,
      from,
    }
  })
}

/** What is on disk against what was meant to be written: a fault of disk or memory must not reach a node. */
async function readBack({ stored }: Staged, ctx: PluginContext): Promise<Finding> {
  let done = 0
  const actual = await hashFile(stored.file, ctx.signal, (bytes) => {
    done += bytes
    ctx.progress({ done, total: stored.size })
  })
  if (actual === stored.sha256 && done === stored.size) {
    return { ok: true, summary: `the stored file was read back and has sha256 ${actual}` }
  }
  return {
    ok: false,
    summary: `the stored file reads back as ${done} bytes with sha256 ${actual}; written were ${stored.size} bytes with ${stored.sha256}`,
  }
}

/** Weighs digests known beforehand, and the stored file read back. */
export default defineVerifier({
  name: 'verify-checksum',
  async verify(staged, ctx) {
    return [...weighDownload(staged), await readBack(staged, ctx)]
  },
})
