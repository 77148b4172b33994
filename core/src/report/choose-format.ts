import { PkgcacheError } from '../errors/error.ts'
import type { RenderedReport } from '../plugins/types.ts'
import type { RunContext } from '../run/context.ts'

interface Collected {
  readonly answers: readonly { readonly value: RenderedReport }[]
  readonly errors: readonly PkgcacheError[]
}

/**
 * The one in that format, its secrets masked.
 * @param what what plugins rendered, for the error
 * @throws E_USAGE for a format that none of them has, or what kept a plugin from it
 */
export function chooseFormat(
  { answers, errors }: Collected,
  format: string,
  what: string,
  run: RunContext,
): RenderedReport {
  const found = answers.find(({ value }) => value.format === format)
  if (found) return { ...found.value, content: run.redactor.mask(found.value.content) }
  const [error] = errors
  if (error) throw error
  throw new PkgcacheError('E_USAGE', `no report plugin renders ${what}${JSON.stringify(format)}`, {
    hint: `formats there are: ${answers.map(({ value }) => value.format).join(', ') || 'none'}`,
  })
}
