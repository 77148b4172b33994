import type { Document } from '../../src/documents.ts'

/** A document as readers get it. */
export function document(value: unknown, place = 'list.json'): Document {
  return { place, value, fetchedAt: '2025-07-20T00:00:00.000Z' }
}

/** A row of an older list, as its builder wrote it. */
export function olderRow(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const { version = '3.12.*' } = fields
  return {
    name: 'Python',
    version,
    platform: 'win32',
    arch: 'x64',
    downloadUrl: `https://www.python.org/ftp/python/${version}/python-${version}-amd64.exe`,
    sha256: 'unknown',
    size: 0,
    matchedFrom: { upstream: true, toolset: 'toolset.json' },
    ...fields,
  }
}

/** A list with these rows. */
export function listOf(sources: readonly unknown[], unresolved?: readonly unknown[]) {
  return {
    metadata: {
      generatedAt: '2025-07-20T00:00:00.000Z',
      upstreamReport: { url: 'report.json', version: '20250720.1.0', fetchedAt: '2025-07-20T00:00:00.000Z' },
      toolsetFiles: [{ path: 'toolset.json', lastModified: '2025-07-20T00:00:00.000Z' }],
    },
    sources,
    ...(unresolved && { unresolved }),
  }
}
