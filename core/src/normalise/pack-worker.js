// Runs in a worker thread: hashes and compresses what the main thread has judged and repacked. Plain JavaScript,
// because a worker is loaded by path and the tests run on the sources.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { createZstdEncoder } from './zstd-encoder.js'

/**
 * @typedef {{ type: 'open', file: string }} Open starts an archive at `file`, which must not exist
 * @typedef {{ type: 'data', buffer: ArrayBuffer, length: number }} Data the next bytes of the inner tar
 * @typedef {{ type: 'end' } | { type: 'abort' }} Finish
 * @typedef {{ type: 'close' }} Close ends the thread
 */

if (parentPort === null) throw new Error('pack-worker runs as a worker thread only')
const port = parentPort

/** @param {string} file */
function createArchive(file) {
  const fd = openSync(file, 'wx', 0o600)
  const content = createHash('sha256')
  const stored = createHash('sha256')
  const encoder = createZstdEncoder()
  let size = 0
  let unpackedSize = 0

  /** @param {Uint8Array} bytes */
  const write = (bytes) => {
    stored.update(bytes)
    size += bytes.length
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
  }
  return {
    /** @param {Uint8Array} bytes */
    data(bytes) {
      unpackedSize += bytes.length
      content.update(bytes)
      encoder.write(bytes, write)
    },
    end() {
      encoder.end(write)
      fsyncSync(fd)
      const onDisk = fstatSync(fd).size
      closeSync(fd)
      if (onDisk !== size) throw new Error(`wrote ${size} bytes but the file holds ${onDisk}`)
      return { size, unpackedSize, sha256: stored.digest('hex'), contentSha256: content.digest('hex') }
    },
    abort() {
      closeSync(fd)
    },
  }
}

/**
 * Writes one archive after the other, as the main thread says.
 * @param {import('node:worker_threads').MessagePort} port
 * @returns {(message: Open | Data | Finish | Close) => void}
 */
function archiver(port) {
  /** @type {ReturnType<typeof createArchive> | undefined} */
  let archive
  return (message) => {
    if (message.type === 'open') {
      archive = createArchive(message.file)
      return
    }
    const current = archive
    if (message.type === 'close') {
      current?.abort()
      port.close()
      return
    }
    if (current === undefined) return
    if (message.type === 'data') {
      current.data(new Uint8Array(message.buffer, 0, message.length))
      port.postMessage({ type: 'drained', buffer: message.buffer }, [message.buffer])
      return
    }
    archive = undefined
    if (message.type === 'end') port.postMessage({ type: 'done', result: current.end() })
    else {
      current.abort()
      port.postMessage({ type: 'aborted' })
    }
  }
}

const handle = archiver(port)

port.on('message', (message) => {
  try {
    handle(message)
  } catch (error) {
    // the code of a system error does not survive structured cloning
    port.postMessage({
      type: 'failed',
      error,
      code: error instanceof Error && 'code' in error ? error.code : undefined,
    })
  }
})
