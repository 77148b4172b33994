/** Source lists: building them from reports and toolsets, reading, checking, updating. */

export { type BuildInput, type BuiltSourceList, buildSourceList } from './build.ts'
export type { KeptBecause, KeptRow } from './decide.ts'
export { FINDINGS, type Finding, type FindingCode } from './findings.ts'
export { type ListEntry, type ReadSourceList, readSourceList } from './read.ts'
export type * from './types.ts'
export { ROW_STATUSES } from './types.ts'
export { type SourceListUpdate, updateSourceList } from './update.ts'
export { type CheckedSourceList, type CheckInput, checkSourceList, type EntryVerdict } from './verdict.ts'
export { formatSourceList, writeSourceList } from './write.ts'
