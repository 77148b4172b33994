import { PkgcacheError } from '../src/errors/error.ts'
import type { ItemResult, NodeResult } from '../src/model/run.ts'
import type { ReportRequest } from '../src/plugins/types.ts'
import { sampleRecord, sampleResult } from './samples.ts'

/** Text that must be shown and never obeyed: markup, attribute breaks, bidi overrides, terminal escapes. */
export const HOSTILE_TEXTS = [
  '<script>globalThis.hacked = 1</script>',
  '"><img src=x onerror="globalThis.hacked = 2">',
  "' onmouseover='globalThis.hacked = 3",
  '</style></script><!-- &lt; &amp;',
  '\u001b[31mred\u001b[0m',
  'evil\u202egnp.exe',
  'שלום עולם',
] as const

/** A run in which everything that can come from outside is hostile. */
export function hostileRun(): ReportRequest {
  const text = HOSTILE_TEXTS.join(' ')
  const bad = sampleRecord({
    name: text,
    version: HOSTILE_TEXTS[1],
    url: 'javascript:globalThis.hacked=4',
    served_by: `https://mirror.example/"><script>globalThis.hacked=5</script>`,
    file: HOSTILE_TEXTS[3],
    format: HOSTILE_TEXTS[0],
    evidence: [{ verifier: HOSTILE_TEXTS[0], summary: text, from: 'data:text/html,<script>1</script>' }],
  })
  const long = sampleRecord({ name: `long-${'n'.repeat(120)}`, version: `1.0.0-${'v'.repeat(120)}` })
  const key = { name: `../${text}`, version: text, platform: HOSTILE_TEXTS[0], arch: HOSTILE_TEXTS[2] }
  const error = new PkgcacheError('E_NAME', text, { hint: text, plugin: HOSTILE_TEXTS[0], faults: [text] })
  const nodes = [{ name: HOSTILE_TEXTS[0], host: HOSTILE_TEXTS[1], root: HOSTILE_TEXTS[2], sudo: false }]
  const items: ItemResult[] = [
    { key: bad, state: 'cached', record: bad },
    { key: long, state: 'cached', record: long },
    { key, state: 'failed', error },
  ]
  const deliveries: NodeResult[] = [
    { node: HOSTILE_TEXTS[0], key: bad, state: 'failed', remotePath: HOSTILE_TEXTS[2], error },
  ]
  const requirement = {
    ...{ from: text, section: HOSTILE_TEXTS[0], tool: text, requested: HOSTILE_TEXTS[1], reportName: text },
    ...{ platform: HOSTILE_TEXTS[2], arch: HOSTILE_TEXTS[3], status: HOSTILE_TEXTS[4], version: text },
    ...{ evidence: HOSTILE_TEXTS[5], url: 'javascript:globalThis.hacked=6', reason: text },
  }
  const requirements = [
    { ...requirement, downloadable: true },
    { ...requirement, downloadable: false },
    { ...requirement, downloadable: true, key },
  ]
  const all = { store: `/srv/${text}`, items, requirements, nodes, deliveries }
  return { result: sampleResult({ ...all, errors: [error], exitCode: 1 }), records: [bad, long] }
}
