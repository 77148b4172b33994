import { readReport } from '../../src/report/index.ts'
import type { SoftwareReport } from '../../src/report/types.ts'

// Nodes as upstream writes them.
export const header = (Title: string, Children: unknown = []) => ({ NodeType: 'HeaderNode', Title, Children })
export const tool = (ToolName: string, Version: unknown) => ({
  NodeType: 'ToolVersionNode',
  ToolName,
  Version,
})
export const note = (Content: string) => ({ NodeType: 'NoteNode', Content })
export const table = (Headers: string, ...Rows: string[]) => ({ NodeType: 'TableNode', Headers, Rows })
export const list = (ToolName: string, Versions: unknown, ListType = 'List', MajorVersionRegex = '^\\d+') => {
  return { NodeType: 'ToolVersionsListNode', ToolName, Versions, MajorVersionRegex, ListType }
}

export function read(value: unknown, place = 'r.json'): SoftwareReport {
  return readReport({ place, value, fetchedAt: '2026-01-02T03:04:05Z' })
}

/** An image of that version with these sections of installed software. */
export function image(version: string, ...sections: unknown[]): SoftwareReport {
  const facts = [tool('OS Version:', 'macOS 15.6 (24G84)'), tool('Image Version:', version)]
  return read(header('macOS 15', [...facts, header('Installed Software', sections)]))
}

/** `class name version [arch]`, as tests compare entries. */
export function brief({ entries }: SoftwareReport): string[] {
  return entries.map((entry) =>
    [entry.class, entry.name, entry.version ?? '–', entry.arch].filter(Boolean).join(' '),
  )
}

export function faults(report: SoftwareReport): string[] {
  return report.faults.map(({ code, item, message }) => `${code} ${item} ${message}`)
}
