/** The first parts of a version, which its project counts with; what begins otherwise stays. `7.0.21.0` → `7.0.21`. */
function firstParts(count: number): (version: string) => string {
  const pattern = new RegExp(`^\\d+(?:\\.\\d+){${count - 1}}`)
  return (version) => pattern.exec(version)?.[0] ?? version
}

/** Three parts: what most projects number with, of what Windows, Debian and Chocolatey make of it. */
export const threeParts: (version: string) => string = firstParts(3)
