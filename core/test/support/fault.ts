import { PkgcacheError } from '../../src/errors/error.ts'

/** The error that `work` ends with; anything but a PkgcacheError fails the test. */
export async function faultOf(work: () => unknown): Promise<PkgcacheError> {
  let result: unknown
  try {
    result = await work()
  } catch (thrown) {
    if (thrown instanceof PkgcacheError) return thrown
    throw new Error(`not a PkgcacheError: ${String(thrown)}`, { cause: thrown })
  }
  throw new Error(`no error, but ${JSON.stringify(result)}`)
}

/** Code and message as one line: `E_NAME: "x y" cannot be …`. */
export async function faultLine(work: () => unknown): Promise<string> {
  const { code, message } = await faultOf(work)
  return `${code}: ${message}`
}
