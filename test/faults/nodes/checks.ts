import { type ErrorCode, printable } from '@pkgcache/core'
import { type Ran, schemaFaults } from '../../e2e/kit.ts'
import { crashFaults, errorFaults, type FailureDocument } from '../checks.ts'
import type { NodeFault, NodeSeen } from './kit.ts'
import { TARGET } from './site.ts'

/** What `distribute --json` says. */
export interface NodesDocument {
  readonly exit_code: number
  readonly deliveries: readonly DeliveryDocument[]
}

export interface DeliveryDocument {
  readonly node: string
  readonly name: string
  readonly state: string
  readonly sent_bytes?: number
  readonly error?: FailureDocument & { readonly code: ErrorCode }
}

/** What is wrong with a run as a whole. */
export function wholeFaults(ran: Ran, document: NodesDocument | undefined, exit: number): string[] {
  if (document === undefined)
    return [`exit code ${ran.code} without a document: ${ran.stderr.slice(0, 2000)}`]
  const faults = schemaFaults('cli-run', document).map((fault) => `document: ${fault}`)
  if (ran.code !== exit || document.exit_code !== exit) {
    const failed = document.deliveries.filter(({ error }) => error !== undefined)
    const why = failed.map(({ node, error }) => `${node} ${error?.code} ${error?.message}`).join('; ')
    faults.push(`exit code ${ran.code}, in the document ${document.exit_code}, where ${exit} is due: ${why}`)
  }
  return [...faults, ...terminalFaults(ran.stderr), ...crashFaults(ran)]
}

/** Names and messages from outside are text, never control characters, and begin no line of their own. */
function terminalFaults(stderr: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(stderr) ? ['control characters on stderr'] : []
  return /^\s*error E_FORGED/m.test(stderr) ? [...raw, 'a line on stderr is forged'] : raw
}

/** What is wrong with what a run says of one node. */
export function deliveryFaults({
  name,
  document,
  what,
}: {
  readonly name: string
  readonly document: NodesDocument | undefined
  readonly what: Pick<NodeFault, 'code' | 'says' | 'hint' | 'state'>
}): string[] {
  const delivery = document?.deliveries.find(({ node }) => node === name)
  if (delivery === undefined) return [`${name} is not in the document`]
  const { state, error } = delivery
  if (what.code === undefined) {
    const due = what.state ?? 'sent'
    return state === due ? [] : [`is ${state}, where ${due} is due: ${error?.code} ${error?.message}`]
  }
  if (error === undefined) return [`is ${state}`]
  const { code, says, hint } = what
  const expected = { exit: 1, code, ...(says && { says }), ...(hint && { hint }) } as const
  return errorFaults(error, expected, printable(`node ${name}`))
}

/** A file that a run leaves for the next one to go on with. */
const PART = /(^|\/)\.[^/]+\.part$/
/** What a node remembers of its files. */
const MEMORY = /^\.pkgcache\//

/** What is wrong with the files of a node, after the run with the fault and after the one without. */
export function treeFaults(seen: NodeSeen, fault: NodeFault): string[] {
  const known = new Set([...Object.keys(seen.before), ...seen.own, TARGET])
  return [
    ...faultyTree(seen, fault, known),
    ...healedTree(seen, fault, known).map((text) => `after the fault: ${text}`),
  ]
}

function faultyTree({ before, after, site }: NodeSeen, { code }: NodeFault, known: ReadonlySet<string>) {
  const faults: string[] = []
  const [old, now] = [before[TARGET], after[TARGET]]
  if (code === undefined) {
    if (now?.sha256 !== site.sha256) faults.push(`the node holds ${now?.sha256 ?? 'nothing'} in its place`)
  } else if (JSON.stringify(old) !== JSON.stringify(now)) {
    faults.push(`the old file is ${now ? 'changed' : 'gone'}`)
  }
  const isExcused = (file: string) => known.has(file) || MEMORY.test(file)
  for (const file of Object.keys(after)) {
    if (!isExcused(file) && !(code !== undefined && PART.test(file))) faults.push(`${file} is left`)
  }
  const gone = Object.keys(before).filter((file) => !after[file] && !PART.test(file) && file !== TARGET)
  return [...faults, ...gone.map((file) => `${file} is gone`)]
}

function healedTree(seen: NodeSeen, { rest = 1 }: NodeFault, known: ReadonlySet<string>): string[] {
  const { healed, site, again, name } = seen
  const faults = healed[TARGET]?.sha256 === site.sha256 ? [] : ['the node does not hold the artifact']
  for (const file of Object.keys(healed)) {
    if (PART.test(file) || !(known.has(file) || MEMORY.test(file))) faults.push(`${file} is left`)
  }
  const sent = again?.deliveries.find(({ node }) => node === name)?.sent_bytes
  if (sent === undefined || sent > rest * site.size) faults.push(`${sent} bytes were sent of ${site.size}`)
  return faults
}
