/** Software reports: reading, rendering, comparing. */

export { type Document, type Documents, isRemote, openDocuments, readDocument } from '../documents.ts'
export { diffReports, type EntryChange, type NodeChange, type ReportDiff } from './diff.ts'
export { readReport } from './read.ts'
export { renderReport } from './render.ts'
export { renderDiff } from './render-diff.ts'
export type * from './types.ts'
export { OTHER_CLASSES, TOOL_CLASSES } from './types.ts'
