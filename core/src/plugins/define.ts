import type {
  FetcherDefinition,
  FormatDefinition,
  InventoryDefinition,
  PluginDefinition,
  PluginFactory,
  ReporterDefinition,
  SourceDefinition,
  TransportDefinition,
  VerifierDefinition,
} from './definitions.ts'
import type { Plugin } from './types.ts'

type None = Record<never, never>

/** The general form: taps any hooks. The others are thin layers over it. */
export function definePlugin<Options = None>(definition: PluginDefinition<Options>): PluginFactory<Options> {
  const { name, enforce, before, after, schema } = definition
  const factory = (options?: Options): Plugin => ({
    name,
    enforce,
    before,
    after,
    schema,
    options: options ?? {},
    setup: (api) => definition.setup(api, (options ?? {}) as Options),
  })
  return factory as PluginFactory<Options>
}

/** A place packages come from: request → what exactly, and where from. */
export function defineSource<Options = None>(definition: SourceDefinition<Options>): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.suggest(definition.packages ?? [])
      if (definition.locate) api.locate((request, locked) => definition.locate?.(request, locked, options))
      api.hooks.resolve.tapPromise(definition.name, async (request, ctx) => {
        const resolution = await definition.resolve(request, ctx, options)
        return (resolution && { minimumTrust: definition.minimumTrust ?? 'tofu', ...resolution }) as never
      })
    },
  })
}

/** A way to bring bytes, by URL scheme. */
export function defineFetcher<Options = None>(
  definition: FetcherDefinition<Options>,
): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.fetch.tapPromise(definition.name, async (request, ctx) => {
        if (!definition.schemes.includes(request.url.protocol.slice(0, -1))) return undefined as never
        return definition.fetch(request, ctx, options)
      })
    },
  })
}

/** An archive format: staged file → tar stream or members. */
export function defineFormat<Options = None>(definition: FormatDefinition<Options>): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.normalise.tapPromise(
        definition.name,
        async (input, ctx) => (await definition.open(input, ctx, options)) as never,
      )
    },
  })
}

/** A kind of evidence: staged artifact → findings. */
export function defineVerifier<Options = None>(
  definition: VerifierDefinition<Options>,
): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.verify.tapPromise(
        definition.name,
        async (staged, ctx) => (await definition.verify(staged, ctx, options)) as never,
      )
    },
  })
}

/** A way to reach nodes. */
export function defineTransport<Options = None>(
  definition: TransportDefinition<Options>,
): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.distribute.tapPromise(
        definition.name,
        async (node, ctx) => (await definition.connect(node, ctx, options)) as never,
      )
    },
  })
}

/** A place that tells of nodes: an inventory file, a cloud's list of machines. */
export function defineInventory<Options = None>(
  definition: InventoryDefinition<Options>,
): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.inventory.tapPromise(definition.name, async (request, ctx) => {
        const nodes = await definition.nodes(request, ctx, options)
        return (nodes && { nodes }) as never
      })
    },
  })
}

/** A report of a run, and of what changed from one to another. */
export function defineReporter<Options = None>(
  definition: ReporterDefinition<Options>,
): PluginFactory<Options> {
  return definePlugin<Options>({
    ...definition,
    setup(api, options) {
      api.hooks.report.tapPromise(
        definition.name,
        async (request, ctx) => (await definition.render(request, ctx, options)) as never,
      )
      if (definition.compare === undefined) return
      api.hooks.compare.tapPromise(
        definition.name,
        async (comparison, ctx) => (await definition.compare?.(comparison, ctx, options)) as never,
      )
    },
  })
}
