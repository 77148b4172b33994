import type { CommandSpec } from './types.ts'

/** Commands for software reports, toolsets and source lists of runner images. */
export const SOURCES_COMMANDS: readonly CommandSpec[] = []
