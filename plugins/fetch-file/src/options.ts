/** fetch-file takes no options. */
export type FetchFileOptions = Record<never, never>
