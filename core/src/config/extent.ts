const MAX_VALUES = 1_000_000
const MAX_DEPTH = 100

/**
 * Why a config is not worth reading: aliases in YAML and references in JavaScript can stand for more values than there
 * is memory, or for themselves. Counted as they would be written out.
 * @param config anything; plugins are code and not looked into
 */
export function extentFault(config: unknown): string | undefined {
  const { plugins: _, ...data } = (config ?? {}) as Record<string, unknown>
  const left: { readonly value: unknown; readonly depth: number }[] = [{ value: data, depth: 0 }]
  let values = 0
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (++values > MAX_VALUES) return `is too large: over ${MAX_VALUES} values, aliases written out`
    if (typeof next.value !== 'object' || next.value === null) continue
    const depth = next.depth + 1
    if (depth > MAX_DEPTH) return `is too large: nested over ${MAX_DEPTH} levels deep, or in itself`
    for (const value of Object.values(next.value)) left.push({ value, depth })
  }
  return undefined
}
