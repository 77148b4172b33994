import type { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { annotation } from './github.ts'
import { oneLine } from './text.ts'

/** One error as lines: `error E_DIGEST containerd@2.1.0 linux/amd64: message`, its faults, its hint. */
function errorLines(failure: Failure, item = failure.item): string[] {
  const where = item === undefined ? '' : ` ${oneLine(item)}`
  return [
    `error ${failure.code}${where}: ${oneLine(failure.message)}`,
    ...failure.faults.map((fault) => `  - ${oneLine(fault)}`),
    ...(failure.hint === undefined ? [] : [`  hint: ${oneLine(failure.hint)}`]),
  ]
}

/** Where in the code it happened, causes included: for `--verbose` only. */
function stackLines(failure: Failure): string[] {
  const place = [failure.plugin && `plugin ${failure.plugin}`, failure.stage && `stage ${failure.stage}`]
  const known = place.filter(Boolean).join(', ')
  const lines = known === '' ? [] : [`  in ${oneLine(known)}`]
  let error: unknown = failure
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    lines.push(...(error.stack ?? '').split('\n').map((line) => `  | ${oneLine(line)}`))
    error = error.cause
  }
  return lines
}

/** Shows an error on stderr: plain, or as an annotation where GitHub Actions reads along. */
export function showError(output: Output, failure: Failure, item = failure.item): void {
  const [first = '', ...rest] = errorLines(failure, item)
  if (output.annotate) {
    output.trouble(
      annotation('error', failure.code, [
        first.slice(`error ${failure.code}`.length).replace(/^:? /, ''),
        ...rest,
      ]),
    )
  } else {
    output.trouble(`${output.paintError.red('error')}${first.slice('error'.length)}`)
    for (const line of rest) output.trouble(line)
  }
  if (output.verbose) for (const line of stackLines(failure)) output.trouble(output.paintError.dim(line))
}

/** Shows a warning on stderr. */
export function showWarning(output: Output, scope: string, message: string): void {
  const text = `${oneLine(scope)}: ${oneLine(message)}`
  if (output.annotate) output.trouble(annotation('warning', 'pkgcache', [text]))
  else output.trouble(`${output.paintError.yellow('warning')} ${text}`)
}
