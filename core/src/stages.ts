import { availableParallelism } from 'node:os'
import type { StageName } from './model/run.ts'
import type { HookName } from './plugins/types.ts'

/** How the taps of one hook come together. */
export type HookKind =
  /** In order, the first answer counts, the rest is not asked. */
  | 'bail'
  /** All run side by side; every answer and every error is collected. */
  | 'collect'
  /** In order, no answer; the first error ends it. */
  | 'series'

export interface HookSpec {
  readonly kind: HookKind
  /** Key that an answer must have, by name; the contract's shape check in one line per hook. */
  readonly answer: readonly string[]
}

export interface StageSpec extends HookSpec {
  readonly stage: StageName
  /** The question it answers. */
  readonly question: string
  /** Name in `concurrency`, and how many go on at once by default. */
  readonly concurrency: {
    readonly key: 'resolve' | 'fetch' | 'normalise' | 'nodes' | undefined
    readonly limit: number
  }
  /** What `plan` does here: run it, ask for sizes only, compare without writing, or nothing. */
  readonly plan: 'run' | 'size' | 'compare' | 'skip'
}

const processors = availableParallelism()

/** The seven stages, in order: everything that differs between them. */
export const STAGES: readonly StageSpec[] = [
  {
    stage: 'resolve',
    question: 'what exactly, and where from?',
    kind: 'bail',
    answer: ['name', 'version', 'platform', 'arch', 'urls', 'digests'],
    concurrency: { key: 'resolve', limit: 16 },
    plan: 'run',
  },
  {
    stage: 'fetch',
    question: 'bring the bytes',
    kind: 'bail',
    answer: ['url', 'offset', 'body'],
    concurrency: { key: 'fetch', limit: 6 },
    plan: 'size',
  },
  {
    stage: 'normalise',
    question: 'same shape for all',
    kind: 'bail',
    answer: ['format'],
    concurrency: { key: 'normalise', limit: processors },
    plan: 'skip',
  },
  {
    stage: 'verify',
    question: 'may we trust it?',
    kind: 'collect',
    answer: ['ok', 'summary'],
    concurrency: { key: undefined, limit: processors },
    plan: 'skip',
  },
  {
    stage: 'index',
    question: 'publish',
    kind: 'series',
    answer: [],
    concurrency: { key: undefined, limit: 1 },
    plan: 'skip',
  },
  {
    stage: 'distribute',
    question: 'to whom?',
    kind: 'bail',
    answer: ['place', 'check', 'close'],
    concurrency: { key: 'nodes', limit: 8 },
    plan: 'compare',
  },
  {
    stage: 'report',
    question: 'tell',
    kind: 'collect',
    answer: ['format', 'fileName', 'content'],
    concurrency: { key: undefined, limit: 1 },
    plan: 'skip',
  },
]

/** The steps before the first stage and after the last, and what is outside of a run. */
const STEPS: Readonly<Record<'inventory' | 'declare' | 'done' | 'compare', HookSpec>> = {
  inventory: { kind: 'collect', answer: ['nodes'] },
  declare: { kind: 'series', answer: [] },
  done: { kind: 'series', answer: [] },
  compare: { kind: 'collect', answer: ['format', 'fileName', 'content'] },
}

/** Every hook, in the order it is called in a run; `compare` is called outside of one. */
export const HOOK_SPECS: ReadonlyMap<HookName, HookSpec> = new Map<HookName, HookSpec>([
  ['inventory', STEPS.inventory],
  ['declare', STEPS.declare],
  ...STAGES.map((spec): [HookName, HookSpec] => [spec.stage, spec]),
  ['done', STEPS.done],
  ['compare', STEPS.compare],
])
