/** Names of tools that a config can give without a `url`. `direct-packages.ts` says where each is. */
export const DIRECT_NAMES = [
  'python',
  'pypy',
  'node',
  'nodejs',
  'node.js',
  'go',
  'golang',
  'ruby',
  'codeql',
  'dotnet',
  'dotnet-sdk',
  'java',
  'temurin',
  'git',
  'cmake',
  '7-zip',
  '7zip',
  'packer',
  'gradle',
  'maven',
  'ant',
  'docker',
  'jq',
] as const

/** A name that a config can give, in lower case. */
export type DirectName = (typeof DIRECT_NAMES)[number]

/** The name in lower case, where it is one of them. */
export function directName(name: string): DirectName | undefined {
  const asked = name.toLowerCase()
  return DIRECT_NAMES.find((known) => known === asked)
}
