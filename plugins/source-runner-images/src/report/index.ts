/** Software reports: reading, rendering, comparing. */

export type * from './types.ts'
export { OTHER_CLASSES, TOOL_CLASSES } from './types.ts'
