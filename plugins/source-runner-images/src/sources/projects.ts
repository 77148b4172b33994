/** Where a project has its files, and how it names them. */
export interface Project {
  /** As it calls itself. */
  readonly name: string
  /** What toolsets and reports call what it makes, in lower case. */
  readonly tools: readonly string[]
  /** What all of its URLs begin with. */
  readonly at: string
  /** What follows that, for a file that can be there. */
  readonly shape: RegExp
  /** One that is there. */
  readonly example: string
}

const GITHUB = 'https://github.com'

/**
 * Places that the older builder guessed at, as the projects have their files, checked against release pages and
 * directory listings of July 2025. Downloads are found by resolvers; this tells of a URL what it cannot be.
 */
export const PROJECTS: readonly Project[] = [
  {
    name: 'Python',
    tools: ['python', 'python 3', 'python3'],
    at: 'https://www.python.org/ftp/python/',
    shape: /^\d+\.\d+\.\d+\/\S*\d+\.\d+\.\d+\S*$/,
    example: '3.12.10/python-3.12.10-amd64.exe',
  },
  {
    name: 'Node.js',
    tools: ['node', 'node.js', 'nodejs'],
    at: 'https://nodejs.org/dist/',
    shape: /^(v\d+\.\d+\.\d+)\/node-\1[-.]\S+$/,
    example: 'v22.17.1/node-v22.17.1-x64.msi',
  },
  {
    name: 'Go',
    tools: ['go', 'golang'],
    at: 'https://go.dev/dl/',
    shape: /^go\d+\.\d+(\.\d+)?((rc|beta)\d+)?\.([a-z0-9]+-[a-z0-9]+\.(tar\.gz|zip|msi|pkg)|src\.tar\.gz)$/,
    example: 'go1.24.5.windows-amd64.msi',
  },
  {
    name: 'PyPy',
    tools: ['pypy'],
    at: 'https://downloads.python.org/pypy/',
    shape: /^(versions\.json|pypy\d\.\d+-v\d+\.\d+\.\d+(rc\d+)?-[a-z0-9_]+\.(zip|tar\.bz2))$/,
    example: 'pypy3.10-v7.3.19-win64.zip',
  },
  {
    name: 'RubyInstaller',
    tools: ['ruby'],
    at: `${GITHUB}/oneclick/rubyinstaller2/releases/download/`,
    shape:
      /^RubyInstaller-(\d+\.\d+\.\d+(-?(rc|preview)\d+)?-\d+)\/rubyinstaller-(devkit-)?\1-[a-z0-9]+\.(7z|exe)$/,
    example: 'RubyInstaller-3.3.8-1/rubyinstaller-3.3.8-1-x64.7z',
  },
  {
    name: 'Git for Windows',
    tools: ['git'],
    at: `${GITHUB}/git-for-windows/git/releases/download/`,
    shape: /^v\d+\.\d+\.\d+\.windows\.\d+\/\S*\d+\.\d+\.\d+(\.\d+)?\S*$/,
    example: 'v2.50.1.windows.1/Git-2.50.1-64-bit.exe',
  },
  {
    name: 'CMake',
    tools: ['cmake'],
    at: `${GITHUB}/Kitware/CMake/releases/download/`,
    shape: /^v(\d+\.\d+\.\d+(-rc\d+)?)\/cmake-\1\S+$/,
    example: 'v4.0.3/cmake-4.0.3-windows-x86_64.msi',
  },
  {
    name: 'Packer',
    tools: ['packer'],
    at: 'https://releases.hashicorp.com/packer/',
    shape: /^(\d+\.\d+\.\d+)\/packer_\1_\S+$/,
    example: '1.13.1/packer_1.13.1_windows_amd64.zip',
  },
  {
    name: '7-Zip',
    tools: ['7zip', '7-zip'],
    at: 'https://www.7-zip.org/a/',
    shape: /^(7z|lzma)\d{3,4}\S*$/,
    example: '7z2409-x64.msi',
  },
  {
    name: 'Gradle',
    tools: ['gradle'],
    at: 'https://services.gradle.org/distributions/',
    shape: /^gradle-\d+\.\d+(\.\d+)?(-(rc|milestone)-\d+)?-(bin|all|src|docs)\.zip$/,
    example: 'gradle-8.14.3-bin.zip',
  },
  {
    name: 'Maven',
    tools: ['maven', 'apache maven'],
    at: 'https://archive.apache.org/dist/maven/',
    shape: /^maven-\d\/(\d+\.\d+\.\d+\S*)\/(binaries|source)\/apache-maven-\1-(bin|src)\.\S+$/,
    example: 'maven-3/3.9.10/binaries/apache-maven-3.9.10-bin.zip',
  },
  {
    name: 'Ant',
    tools: ['ant', 'apache ant'],
    at: 'https://archive.apache.org/dist/ant/',
    shape: /^(binaries|source)\/apache-ant-\d+\.\d+(\.\d+)?-(bin|src)\.\S+$/,
    example: 'binaries/apache-ant-1.10.15-bin.zip',
  },
  {
    name: 'jq',
    tools: ['jq'],
    at: `${GITHUB}/jqlang/jq/releases/download/`,
    shape: /^jq-\d+\.\d+(\.\d+)?(rc\d+)?\/jq-\S+$/,
    example: 'jq-1.8.1/jq-windows-amd64.exe',
  },
]

/** Whose place a URL is of. */
export function projectOf(url: string): Project | undefined {
  return PROJECTS.find(({ at }) => url.startsWith(at))
}
