declare module 'lzma-native' {
  import type { Duplex, DuplexOptions } from 'node:stream'

  interface DecoderOptions extends DuplexOptions {
    /** Bytes of memory the decoder may take. */
    readonly memlimit: number
  }
  const lzma: { createStream(coder: 'streamDecoder', options: DecoderOptions): Duplex }
  export default lzma
}
