import type { RunContext } from '../run/context.ts'
import { Failures } from './failures.ts'
import { Forest } from './forest.ts'
import type { Link } from './link.ts'
import { sortDeliveries } from './results.ts'
import { type Served, Service, type Stand } from './service.ts'

/** What is to be brought, and to whom. */
export interface Distribution extends Pick<Stand, 'ready' | 'declared'> {
  /** One per node; closed in the end. */
  readonly links: readonly Link[]
  /** Once more nodes than this failed, none is begun any more. Undefined: all are. */
  readonly maxFailures: number | undefined
}

/** Serves every node as things become ready; one that is slow or dead holds no other. Never throws. */
export async function distributeAll(task: Distribution, run: RunContext): Promise<Served> {
  const { links, ready, declared } = task
  const forest = run.settings.distribute.via === 'tree' ? new Forest(run) : undefined
  const stand = { run, ready, declared, forest, failures: new Failures(task.maxFailures) }
  try {
    const served = await Promise.all(links.map((link) => new Service(link, stand).serve()))
    const results = served.flatMap(({ deliveries }) => deliveries)
    return {
      deliveries: sortDeliveries(
        results,
        links.map(({ node }) => node),
      ),
      removals: served.flatMap(({ removals }) => removals),
      errors: served.flatMap(({ errors }) => errors),
    }
  } finally {
    await Promise.all(links.map((link) => link.close()))
  }
}
