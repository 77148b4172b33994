import { compareVersions } from '../spec.ts'
import { before, between, since, type Template, threeNumbers, withoutLastZero } from './row.ts'

const GIT = 'https://github.com/git-for-windows/git/releases/download/v{tag}/Git-{version}'
const CMAKE = 'https://github.com/Kitware/CMake/releases/download/v{version}/cmake-{version}'
const SEVEN_ZIP = 'https://www.7-zip.org/a/7z{digits}'
const PACKER = 'https://releases.hashicorp.com/packer/{version}/packer_{version}'
const DOCKER = 'https://download.docker.com'
const JQ = 'https://github.com/jqlang/jq/releases/download/jq-{version}/jq'

/** Tools that images have beside their languages, by the conventions of their projects. */
export const TOOLS: readonly Template[] = [
  {
    tool: 'Git',
    aliases: ['git-for-windows'],
    releases: 'https://github.com/git-for-windows/git/releases',
    version: gitVersion,
    words: (version) => {
      const [, git = version, build = '1'] = /^(\d+\.\d+\.\d+)(?:\.(\d+))?$/.exec(version) ?? []
      return { tag: `${git}.windows.${build}` }
    },
    urls: {
      'win32-x64': `${GIT}-64-bit.exe`,
      'win32-x86': [before('2.49', `${GIT}-32-bit.exe`)],
      'win32-arm64': [since('2.47.1', `${GIT}-arm64.exe`)],
    },
  },
  {
    tool: 'CMake',
    releases: 'https://github.com/Kitware/CMake/releases',
    version: (version) => /^v?(\d+\.\d+\.\d+(?:-rc\d+)?)$/.exec(version)?.[1],
    urls: {
      'win32-x64': [since('3.20', `${CMAKE}-windows-x86_64.zip`), before('3.20', `${CMAKE}-win64-x64.zip`)],
      'win32-x86': [since('3.20', `${CMAKE}-windows-i386.zip`), before('3.20', `${CMAKE}-win32-x86.zip`)],
      'win32-arm64': [since('3.24', `${CMAKE}-windows-arm64.zip`)],
      'linux-x64': [
        since('3.20', `${CMAKE}-linux-x86_64.tar.gz`),
        before('3.20', `${CMAKE}-Linux-x86_64.tar.gz`),
      ],
      'linux-arm64': [
        since('3.20', `${CMAKE}-linux-aarch64.tar.gz`),
        between('3.19', '3.20', `${CMAKE}-Linux-aarch64.tar.gz`),
      ],
      'darwin-x64': [
        since('3.19.2', `${CMAKE}-macos-universal.tar.gz`),
        before('3.19.2', `${CMAKE}-Darwin-x86_64.tar.gz`),
      ],
      'darwin-arm64': [since('3.19.2', `${CMAKE}-macos-universal.tar.gz`)],
    },
  },
  {
    tool: '7-Zip',
    aliases: ['7zip', '7z'],
    releases: 'https://www.7-zip.org/history.txt',
    version: sevenZipVersion,
    words: (version) => ({ digits: version.replace('.', '') }),
    urls: {
      'win32-x64': `${SEVEN_ZIP}-x64.exe`,
      'win32-x86': `${SEVEN_ZIP}.exe`,
      'win32-arm64': [since('21', `${SEVEN_ZIP}-arm64.exe`)],
      'linux-x64': [since('21', `${SEVEN_ZIP}-linux-x64.tar.xz`)],
      'linux-x86': [since('21', `${SEVEN_ZIP}-linux-x86.tar.xz`)],
      'linux-arm64': [since('21', `${SEVEN_ZIP}-linux-arm64.tar.xz`)],
      'darwin-x64': [since('21', `${SEVEN_ZIP}-mac.tar.xz`)],
      'darwin-arm64': [since('21', `${SEVEN_ZIP}-mac.tar.xz`)],
    },
  },
  {
    tool: 'Packer',
    releases: 'https://releases.hashicorp.com/packer',
    version: (version) => /^v?(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\d+)?)$/.exec(version)?.[1],
    urls: {
      'win32-x64': `${PACKER}_windows_amd64.zip`,
      'win32-x86': `${PACKER}_windows_386.zip`,
      'linux-x64': `${PACKER}_linux_amd64.zip`,
      'linux-x86': `${PACKER}_linux_386.zip`,
      'linux-arm64': `${PACKER}_linux_arm64.zip`,
      'darwin-x64': `${PACKER}_darwin_amd64.zip`,
      'darwin-arm64': [since('1.7.1', `${PACKER}_darwin_arm64.zip`)],
    },
  },
  {
    tool: 'Docker',
    releases: `${DOCKER}/linux/static/stable/x86_64`,
    version: (version) => /^v?(\d+\.\d+\.\d+(?:-ce)?)$/.exec(version)?.[1],
    urls: {
      'win32-x64': `${DOCKER}/win/static/stable/x86_64/docker-{version}.zip`,
      'linux-x64': `${DOCKER}/linux/static/stable/x86_64/docker-{version}.tgz`,
      'linux-arm64': `${DOCKER}/linux/static/stable/aarch64/docker-{version}.tgz`,
      'darwin-x64': `${DOCKER}/mac/static/stable/x86_64/docker-{version}.tgz`,
      'darwin-arm64': [since('20.10', `${DOCKER}/mac/static/stable/aarch64/docker-{version}.tgz`)],
    },
  },
  {
    tool: 'jq',
    releases: 'https://github.com/jqlang/jq/releases',
    version: jqVersion,
    urls: {
      'win32-x64': [since('1.7', `${JQ}-windows-amd64.exe`), before('1.7', `${JQ}-win64.exe`)],
      'win32-x86': [since('1.7', `${JQ}-windows-i386.exe`), before('1.7', `${JQ}-win32.exe`)],
      'linux-x64': [since('1.7', `${JQ}-linux-amd64`), before('1.7', `${JQ}-linux64`)],
      'linux-x86': [since('1.7', `${JQ}-linux-i386`), before('1.7', `${JQ}-linux32`)],
      'linux-arm64': [since('1.7', `${JQ}-linux-arm64`)],
      'darwin-x64': [since('1.7', `${JQ}-macos-amd64`), before('1.7', `${JQ}-osx-amd64`)],
      'darwin-arm64': [since('1.7', `${JQ}-macos-arm64`)],
    },
  },
]

/** `2.50.1.windows.1` is written `2.50.1` in names of files, the second build of it `2.50.1.2`. */
function gitVersion(version: string): string | undefined {
  const [, git, build] = /^v?(\d+\.\d+\.\d+)(?:(?:\.windows)?\.(\d+))?$/.exec(version) ?? []
  if (git === undefined) return undefined
  return build === undefined || build === '1' ? git : `${git}.${build}`
}

/** `25.00`; package managers write `25.0.0` and `24.9.0`. */
function sevenZipVersion(version: string): string | undefined {
  const [, major, minor] = /^(\d{1,2})\.(\d{1,2})(?:\.0){0,2}$/.exec(version) ?? []
  return major === undefined || minor === undefined ? undefined : `${major}.${minor.padStart(2, '0')}`
}

/** Two numbers until 1.7, three since 1.8. */
function jqVersion(version: string): string | undefined {
  const [, found] = /^(?:jq-)?(\d+\.\d+(?:\.\d+)?)$/.exec(version) ?? []
  if (found === undefined) return undefined
  return compareVersions(found, '1.8') < 0 ? withoutLastZero(found) : threeNumbers(found)
}
