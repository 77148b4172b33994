import type { IncomingHttpHeaders } from 'node:http'

/** What goes wrong with one answer. Fields combine; an empty object is an answer without a fault. */
export interface HttpFault {
  /** Answers with this status and `body`, not with the content. */
  readonly status?: number
  /** Added to the answer; an empty string removes a header. */
  readonly headers?: Readonly<Record<string, string>>
  /** Another version of the file, with an ETag of its own, served as the route's content would be. */
  readonly content?: string | Uint8Array
  /** Sent in place of the content; with `contentType: 'text/html'` and status 200 it is a login page. */
  readonly body?: string
  readonly contentType?: string
  /** Value of Location; the status is 302 unless `status` says otherwise. */
  readonly redirectTo?: string
  /** Waits this many ms before the headers. */
  readonly delayMs?: number
  /** Sends nothing after this many bytes of the body, and keeps the connection open. */
  readonly stallAfter?: number
  /** Sends the body this many bytes at a time, with a pause of `trickleMs` (default 10) before each. */
  readonly trickle?: number
  readonly trickleMs?: number
  /** Resets the connection (RST) after this many bytes of the body; -1: before the headers. */
  readonly resetAfter?: number
  /** Closes the connection properly (FIN) after this many bytes, short of the announced length. */
  readonly endAfter?: number
  /** No Content-Length; the body is sent chunked. With `endAfter` the last chunk is missing. */
  readonly chunked?: boolean
  /** Answers a range request with 200 and everything. */
  readonly ignoreRange?: boolean
  /** ETag of this answer, and what If-Range is compared with. An empty string: no ETag at all. */
  readonly etag?: string
  /** Value of Content-Range, right or wrong. */
  readonly contentRange?: string
  /** Sends the content gzipped, marked as such. */
  readonly gzip?: boolean
  /** Bytes sent beyond the announced length. */
  readonly extraBytes?: number
  /** Inverts the byte of the content at this offset. */
  readonly flipByteAt?: number
  /** Sent as it is instead of an HTTP answer; then the connection is closed. */
  readonly raw?: string | Uint8Array
}

/** What one path answers. */
export interface HttpRoute {
  /** Default: the file of that path below `root`. */
  readonly content?: string | Uint8Array
  /** Default `application/octet-stream`. */
  readonly contentType?: string
  /** HTTP-date; default: a fixed day in the past, or the file's mtime. */
  readonly lastModified?: string
  /** The n-th request to this path gets the n-th fault; requests after the last are answered as they should be. */
  readonly script?: readonly HttpFault[]
  /** For every request that `script` does not cover. */
  readonly always?: HttpFault
}

/** One request, logged when it arrives; `status` and `bytes` grow while it is answered. */
export interface HttpLogEntry {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** 0 when no answer was sent. */
  readonly status: number
  /** Bytes of the body handed to the connection. */
  readonly bytes: number
}
