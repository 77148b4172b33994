/** Source lists: building them from reports and toolsets, reading, checking, updating. */

export type * from './types.ts'
export { ROW_STATUSES } from './types.ts'
