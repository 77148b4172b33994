import { describe, expect, it } from 'vitest'
import type { Seen } from '../e2e/kit.ts'
import { deliveryFaults, type NodesDocument, treeFaults, wholeFaults } from './nodes/checks.ts'
import type { NodeSeen } from './nodes/kit.ts'
import { type Site, TARGET } from './nodes/site.ts'

// What the battery checks of nodes is worth something only if each check can fail.

const error = {
  code: 'E_NODE_DENIED',
  message: 'said',
  hint: 'do',
  item: 'node n',
  faults: [],
} as const
const failed: NodesDocument = {
  exit_code: 1,
  deliveries: [{ node: 'n', name: 'payload', state: 'failed', error }],
}
const sent: NodesDocument = {
  exit_code: 0,
  deliveries: [{ node: 'n', name: 'payload', state: 'sent', sent_bytes: 10 }],
}

describe('what a run says of a node', () => {
  it.each([
    ['nothing', { ...sent, deliveries: [] }, {}, 'n is not in the document'],
    ['success where a failure is due', sent, { code: 'E_NODE_DENIED' } as const, 'is sent'],
    ['a failure where none is due', failed, {}, 'is failed, where sent is due: E_NODE_DENIED said'],
    [
      'another state',
      sent,
      { state: 'present' } as const,
      'is sent, where present is due: undefined undefined',
    ],
    ['another code', failed, { code: 'E_NODE_LOST' } as const, 'ends with E_NODE_DENIED: said'],
    ['another message', failed, { code: 'E_NODE_DENIED', says: 'other' } as const, 'says: said'],
    ['another hint', failed, { code: 'E_NODE_DENIED', hint: 'other' } as const, 'hints: do'],
  ])('%s is noticed', (_, document, what, fault) => {
    expect(deliveryFaults({ name: 'n', document, what })).toEqual([fault])
  })

  it('another node is noticed, and what is as it should be is not', () => {
    const other = { ...failed, deliveries: [{ ...failed.deliveries[0], node: 'm' }] } as NodesDocument
    const what = { code: 'E_NODE_DENIED', says: 'said', hint: 'do' } as const
    expect(deliveryFaults({ name: 'm', document: other, what })).toEqual(['names node n as the item'])
    expect(deliveryFaults({ name: 'n', document: failed, what })).toEqual([])
    expect(deliveryFaults({ name: 'n', document: sent, what: {} })).toEqual([])
  })
})

describe('a run as a whole', () => {
  it.each([
    ['no document', { code: 1, stdout: '', stderr: 'x' }, undefined, 'exit code 1 without a document: x'],
    [
      'control characters',
      { code: 0, stdout: '', stderr: 'a\u001b[2J' },
      sent,
      'control characters on stderr',
    ],
    [
      'a forged line',
      { code: 0, stdout: '', stderr: 'a\nerror E_FORGED: b' },
      sent,
      'a line on stderr is forged',
    ],
    ['a trace', { code: 0, stdout: '', stderr: 'x\n    at run (file.js:1:1)' }, sent, /^crashed/],
    ['another exit code', { code: 1, stdout: '', stderr: '' }, sent, /^exit code 1, in the document 0/],
  ])('with %s is noticed', (_, ran, document, fault) => {
    expect(wholeFaults(ran, document, 0)).toContainEqual(
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    )
  })
})

describe('the files of a node', () => {
  const old: Seen = { sha256: 'old', mtimeNs: '1', ino: '1' }
  const right: Seen = { sha256: 'right', mtimeNs: '2', ino: '2' }
  const PART = 'payload/.payload-1.0.0-amd64.tar.zst.ab.part'
  const seen = (changes: Partial<NodeSeen>): NodeSeen => ({
    ...{
      site: { sha256: 'right', size: 100 } as Site,
      given: { node: {}, root: '/' },
      name: 'n',
      document: failed,
    },
    ...{
      before: { [TARGET]: old },
      after: { [TARGET]: old },
      healed: { [TARGET]: right },
      again: sent,
      own: [],
    },
    ...changes,
  })
  const fault = { what: '', code: 'E_NODE_LOST', given: () => Promise.reject() } as const

  it.each<[string, Partial<NodeSeen>, string[]]>([
    ['as they should be', {}, []],
    ['with a part of a run that failed', { after: { [TARGET]: old, [PART]: right } }, []],
    [
      'with an old file that is another',
      { after: { [TARGET]: { ...old, ino: '3' } } },
      ['the old file is changed'],
    ],
    ['without the old file', { after: {} }, ['the old file is gone']],
    ['with something new', { after: { [TARGET]: old, x: right } }, ['x is left']],
    ['without something old', { before: { [TARGET]: old, x: old } }, ['x is gone']],
    [
      'with a part after the fault',
      { healed: { [TARGET]: right, [PART]: right } },
      [`after the fault: ${PART} is left`],
    ],
    [
      'without the artifact after the fault',
      { healed: { [TARGET]: old } },
      ['after the fault: the node does not hold the artifact'],
    ],
    [
      'that took too much again',
      { again: { ...sent, deliveries: [{ node: 'n', name: 'payload', state: 'sent', sent_bytes: 60 }] } },
      ['after the fault: 60 bytes were sent of 100'],
    ],
  ])('%s', (_, changes, faults) => {
    expect(treeFaults(seen(changes), { ...fault, rest: 0.5 })).toEqual(faults)
  })

  it('without the artifact where it is to arrive', () => {
    const { code: _, ...arrives } = fault
    expect(treeFaults(seen({}), arrives)).toEqual(['the node holds old in its place'])
    expect(treeFaults(seen({ after: { [TARGET]: right } }), arrives)).toEqual([])
  })
})
