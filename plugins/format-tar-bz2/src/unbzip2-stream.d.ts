declare module 'unbzip2-stream/lib/bit_iterator.js' {
  /** Reads bits; `null` goes on to the next whole byte. */
  interface BitReader {
    (count: number | null): number
    /** Bytes begun. */
    readonly bytesRead: number
  }
  export default function bitIterator(nextBuffer: () => Uint8Array): BitReader
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  import type { BitReader } from 'unbzip2-stream/lib/bit_iterator.js'

  interface BlockDecoder {
    /** @returns the block size in units of 100,000 bytes */
    header(bits: BitReader): number
    /** One block. @returns the checksum so far; null at the end of a stream, when it fitted */
    decompress(
      bits: BitReader,
      write: (byte: number) => void,
      table: Int32Array,
      tableLength: number,
      checksum: number,
    ): number | null
  }
  const bzip2: BlockDecoder
  export default bzip2
}
