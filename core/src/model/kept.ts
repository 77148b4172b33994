/** One text as it is kept. */
export interface KeptCopy {
  readonly bytes: Buffer
  /** Which candidate sent it, without secrets: what it says of versions means nothing to another one. */
  readonly servedBy: string
  /** As upstream sent it, weak or strong. */
  readonly etag?: string
  /** HTTP-date, as upstream sent it. */
  readonly lastModified?: string
  /** ISO 8601, UTC: when these bytes came. */
  readonly fetchedAt: string
}
