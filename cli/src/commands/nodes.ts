import type { NodesOverview } from '@pkgcache/core'
import { showError } from '../render/errors.ts'
import { nodesDocument } from '../render/json.ts'
import { matrixLines } from '../render/matrix.ts'
import { logger, openConfigured, using } from '../session.ts'
import { defined } from './defined.ts'
import type { Handler, Invocation } from './types.ts'

export const nodes: Handler = async (invocation) => {
  const { output, options, signal } = invocation
  const { node, rehash } = options
  const log = logger(invocation)
  const overview = await using(openConfigured(invocation), (cache) =>
    cache.nodes({
      signal,
      onProgress: (event) => event.type === 'log' && log(event),
      ...defined({ nodes: node, rehash }),
    }),
  )
  if (output.json) output.document(nodesDocument(overview))
  else show(invocation, overview)
  return overview.exitCode
}

function show({ output }: Invocation, overview: NodesOverview): void {
  for (const error of overview.errors) showError(output, error)
  for (const { node, error } of overview.nodes)
    if (error !== undefined) showError(output, error, `node ${node}`)
  if (overview.nodes.length === 0) {
    output.say('No nodes are declared.')
    return
  }
  for (const line of matrixLines(overview, output.columns, output.paint)) output.result(line)
  const hint = hintFor(overview)
  if (hint !== undefined) output.say(`  hint: ${hint}`)
}

/** What brings the nodes up to date. */
function hintFor({ nodes }: NodesOverview): string | undefined {
  const asked = nodes.filter(({ error }) => error === undefined)
  const states = new Set(asked.flatMap(({ packages }) => packages.map(({ state }) => state)))
  if (states.has('unknown')) return 'pkgcache run fetches and sends what is declared'
  if (states.has('outdated') || states.has('missing')) return 'pkgcache distribute sends what is cached'
  const leftOver = asked.some(({ foreign }) => foreign.some(({ delivered }) => delivered))
  return leftOver
    ? 'pkgcache distribute --prune removes what pkgcache put there and is not declared'
    : undefined
}
