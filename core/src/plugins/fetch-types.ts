/** How `ctx.fetch.text` and `ctx.fetch.bytes` ask. */
export interface TextOptions {
  /** Default 4 MiB. @throws E_TOO_LARGE */
  readonly maxBytes?: number
  /** Sent to the URL's own origin, never to a mirror. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How `ctx.fetch.kept` asks. */
export interface KeptOptions extends TextOptions {
  /** Upstream is not asked at all. Default false. */
  readonly offline?: boolean
}

/** A text with where it comes from. */
export interface KeptText {
  readonly text: string
  /** ETag or Last-Modified of these bytes, when upstream gave one. */
  readonly validator?: string
  /** ISO 8601, UTC: when these bytes came. */
  readonly fetchedAt: string
  /** `fetched`: new. `unchanged`: upstream says that it is as kept. `kept`: upstream was not asked, or could not be. */
  readonly state: 'fetched' | 'unchanged' | 'kept'
}

/** Small requests for plugins: mirrors, retries and the fetcher plugins apply as for artifacts. */
export interface FetchHelper {
  /**
   * A small text (a checksum file, an index).
   * @throws E_NOT_FOUND, E_FORBIDDEN, E_UNREACHABLE, E_STALLED, E_TOO_LARGE, …
   */
  text(url: string, options?: TextOptions): Promise<string>
  /** The same for what is no text: a binary signature, or a file whose exact bytes count. */
  bytes(url: string, options?: TextOptions): Promise<Uint8Array>
  /**
   * A text that pkgcache keeps: upstream is asked whether it is still the same (RFC 9110 13.1), and only what changed
   * is sent again. Where upstream cannot be asked, what was kept counts, with a warning.
   * @throws what `text` throws, where nothing was kept; E_NOT_CACHED for `offline` where nothing was kept
   */
  kept(url: string, options?: KeptOptions): Promise<KeptText>
  /** Size in bytes of what `url` points to, without fetching it; undefined when upstream does not say. */
  size(url: string, options?: Pick<TextOptions, 'headers'>): Promise<number | undefined>
}

/** One request to a fetcher plugin. Mirrors are applied already. */
export interface FetchRequest {
  readonly url: URL
  readonly method: 'GET' | 'HEAD'
  readonly headers: Readonly<Record<string, string>>
  /** Resume: bytes that are there already. */
  readonly offset?: number
  /** Resume: strong ETag or Last-Modified of those bytes, for If-Range (RFC 9110 13.1.5). */
  readonly validator?: string
  /**
   * A copy that is there: nothing is to be sent when upstream still has the same (RFC 9110 13.1). One of the two, as
   * upstream sent it; a fetcher that does not know of this answers as always.
   */
  readonly unless?: { readonly etag?: string; readonly lastModified?: string }
}

/** A fetcher plugin’s answer to one request. */
export interface FetchResponse {
  /** After redirects. */
  readonly url: URL
  /** Size of the whole representation in bytes, when known. */
  readonly size?: number
  /** Where `body` starts: the asked offset, or 0 when the fetcher starts anew. */
  readonly offset: number
  /** A strong ETag or Last-Modified that a later resume may use. */
  readonly validator?: string
  /** ETag as it was sent, weak ones too: for `unless` of a later request. */
  readonly etag?: string
  /** Last-Modified as it was sent, for the same. */
  readonly lastModified?: string
  /** True: upstream has the same as `unless` says; `body` is empty. */
  readonly notModified?: true
  readonly contentType?: string
  /** The bytes, unencoded. Empty for HEAD. Throws a PkgcacheError on a fault; `retryable` says whether it may pass. */
  readonly body: AsyncIterable<Uint8Array>
}
