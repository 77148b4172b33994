import type { Data } from './values.ts'

/** One thing that an inventory file says; files are read into these, and carried out in their order. */
export type Statement = {
  readonly line: number
  /** As in `Place`. */
  readonly path?: string | undefined
} & (
  | { readonly kind: 'group'; readonly name: string }
  | {
      readonly kind: 'host'
      readonly name: string
      readonly group: string
      readonly port: number | undefined
    }
  /** `child` is a group, or a host that is known already. */
  | { readonly kind: 'child'; readonly parent: string; readonly child: string }
  /** `of`: a group, or a host where no group has that name. */
  | { readonly kind: 'variable'; readonly of: string; readonly name: string; readonly data: Data }
)
