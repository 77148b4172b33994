/** A version of a JDK (JEP 322): `21.0.7+6` is feature 21, update 7, build 6. */
export interface JavaVersion {
  readonly feature: number
  readonly interim: number
  readonly update: number
  readonly patch: number
  readonly build: number
  /** Adoptium's own: how often it built that build again. */
  readonly respin: number
}

/**
 * Reads a JDK's version in all of its forms: `21.0.7+6`, reports' `21.0.7+6.0` and `8.0.452+9`, Adoptium's semver
 * `21.0.7+6.0.LTS` (where `11.0.14+101` is 11.0.14.1+1), release names `jdk-17.0.15+6` and `jdk8u452-b09`, and
 * `17.0.15-6` of folders in tool caches.
 *
 * @returns undefined for what is no JDK's version with its build
 */
export function readJavaVersion(text: string): JavaVersion | undefined {
  const old = /^(?:jdk)?(8)()u(\d+)()-?b(\d+)(?:\.(\d+))?$/.exec(text)
  const match =
    old ?? /^(?:jdk-)?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?[+-](\d+)(?:\.(\d+))?(?:[.-]LTS)?$/.exec(text)
  if (match === null) return undefined
  const parts = match.slice(1).map((part) => Number(part ?? 0))
  const [feature = 0, interim = 0, update = 0, patch = 0, build = 0, respin = 0] = parts
  // semver has three numbers, so Adoptium's has the fourth in the build's hundreds
  const hidden = patch === 0 && build > 100 ? Math.floor(build / 100) : 0
  return { feature, interim, update, patch: patch + hidden, build: build - hidden * 100, respin }
}

/** The version as `java -version` has it: `21.0.7+6`, `8.0.452+9`, `25+36`. */
export function writeJavaVersion(version: JavaVersion): string {
  const { feature, update, build, respin } = version
  const numbers = feature === 8 ? `8.0.${update}` : shortest(version)
  return `${numbers}+${build}${respin > 0 ? `.${respin}` : ''}`
}

/** Name of Adoptium's release: `jdk8u452-b09`, `jdk-21.0.7+6`, `jdk-25+36`. */
export function releaseName(version: JavaVersion): string {
  return version.feature === 8 ? `jdk8u${oldNumbers(version, '-')}` : `jdk-${writeJavaVersion(version)}`
}

/** How a file of Adoptium has it: `8u452b09`, `21.0.7_6`. */
export function nameInFile(version: JavaVersion): string {
  return version.feature === 8 ? `8u${oldNumbers(version, '')}` : writeJavaVersion(version).replace('+', '_')
}

/** True for one and the same build. */
export function isSameJava(a: JavaVersion, b: JavaVersion): boolean {
  return writeJavaVersion(a) === writeJavaVersion(b)
}

function oldNumbers({ update, build, respin }: JavaVersion, between: string): string {
  return `${update}${between}b${String(build).padStart(2, '0')}${respin > 0 ? `.${respin}` : ''}`
}

/** Trailing zeros are not written (JEP 322). */
function shortest({ feature, interim, update, patch }: JavaVersion): string {
  const parts = [feature, interim, update, patch]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return parts.join('.')
}
