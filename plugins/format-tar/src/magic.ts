const BLOCK = 512
const MAGIC_AT = 257
const CHECKSUM_AT = 148
const CHECKSUM_LENGTH = 8
const SPACE = 0x20

function hasMagic(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(MAGIC_AT, MAGIC_AT + 5)).toString('latin1') === 'ustar'
}

/** The checksum of a header block, its own field counted as spaces (POSIX ustar interchange format). */
function hasChecksum(head: Uint8Array): boolean {
  const field = Buffer.from(head.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH)).toString('latin1')
  const stated = /^ *([0-7]{1,7})[\0 ]+$/.exec(field)?.[1]
  if (stated === undefined) return false
  const sum = head.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0)
  const own = head
    .subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH)
    .reduce((total, byte) => total + byte, 0)
  return sum - own + SPACE * CHECKSUM_LENGTH === Number.parseInt(stated, 8)
}

/**
 * POSIX and GNU tar by their magic, older ones (v7) by the header's checksum. A block of zeros is the end of any tar,
 * so of an empty one too: but only a hint tells it from other files that start with zeros.
 */
export function looksLikeTar(head: Uint8Array, hint: string | undefined): boolean {
  if (hasMagic(head)) return true
  if (head.length < BLOCK) return false
  return hasChecksum(head) || (hint === 'tar' && head.subarray(0, BLOCK).every((byte) => byte === 0))
}
