/**
 * Names a suite that cannot run here; the test command gathers these lines and `.ci/run` fails on any.
 * @param reason undefined when it can run
 * @returns whether the suite is to be skipped: for `describe.skipIf`
 */
export function leftOut(suite: string, reason: string | undefined): boolean {
  if (reason === undefined) return false
  // biome-ignore lint/suspicious/noConsole: what is left out must be seen in the output of the tests
  console.warn(`left out: ${suite}: ${reason}`)
  return true
}
