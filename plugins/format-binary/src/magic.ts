import { printable, shorten } from '@pkgcache/core'

const MACH_O = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe']
/** Mach-O for several processors. Java classes start the same; they have a version, at least 45, where it has a count. */
const MACH_O_FAT = 'cafebabe'
const JAVA_FIRST_VERSION = 45
const MAX_LINE = 80

function hasPeSignature(head: Buffer): boolean {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return false
  const at = head.readUInt32LE(0x3c)
  return head.toString('latin1', at, at + 4) === 'PE\0\0'
}

/** ELF, a script with an interpreter line, Mach-O, PE. */
export function looksLikeProgram(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes)
  const magic = head.toString('hex', 0, 4)
  if (magic === '7f454c46' || magic.startsWith('2321') || MACH_O.includes(magic)) return true
  if (magic === MACH_O_FAT && head.length >= 8) return head.readUInt32BE(4) < JAVA_FIRST_VERSION
  return hasPeSignature(head)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
}

/** A page by its first tag, after comments and an XML declaration. */
export function looksLikeHtml(bytes: Uint8Array): boolean {
  const start = text(bytes).replace(/^(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*)+/i, '')
  return /^<(?:!doctype\s+html|html|head|body|title|meta|script)\b/i.test(start)
}

/** The first line that says something, made safe to show. */
export function firstLine(bytes: Uint8Array): string {
  return shorten(printable(text(bytes).split(/\r?\n/)[0] ?? ''), MAX_LINE)
}
