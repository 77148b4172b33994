const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/(^|[^a-z])(windows|win|win32|win64|win-x64|mingw32|msvc)([^a-z]|$)|\.(msi|exe)$/, 'win32'],
  [/(^|[^a-z])(linux|ubuntu|debian)([^a-z]|$)|\.(deb|rpm)$/, 'linux'],
  [/(^|[^a-z])(darwin|macos|osx|mac)([^a-z]|\d|$)|\.(pkg|dmg)$/, 'darwin'],
]

const ARCHES: readonly (readonly [RegExp, string])[] = [
  [/(^|[^a-z0-9])(arm64|aarch64)([^a-z0-9]|$)/, 'arm64'],
  [/(^|[^a-z0-9])(amd64|x64|x86_64|x86-64|win64|64-bit)([^a-z0-9]|$)/, 'x64'],
  [/(^|[^a-z0-9])(x86|i386|i686|32-bit)([^a-z0-9_-]|-(?!64)|$)/, 'x86'],
]

/** Platform and arch that a URL's file name tells; undefined where it says nothing, or several things. */
export function urlWords(url: string): { readonly platform?: string; readonly arch?: string } {
  const file = (url.split(/[?#]/)[0] ?? '').split('/').at(-1)?.toLowerCase() ?? ''
  const platform = only(PLATFORMS, file)
  const arch = only(ARCHES, file)
  return { ...(platform !== undefined && { platform }), ...(arch !== undefined && { arch }) }
}

function only(table: readonly (readonly [RegExp, string])[], file: string): string | undefined {
  const said = table.filter(([word]) => word.test(file))
  return said.length === 1 ? said[0]?.[1] : undefined
}
