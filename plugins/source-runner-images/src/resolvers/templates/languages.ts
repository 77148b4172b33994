import { compareVersions } from '../spec.ts'
import { before, type Convention, since, type Template, withoutLastZero } from './row.ts'

const NODE = 'https://nodejs.org/dist/v{version}/node-v{version}'
const PYTHON = 'https://www.python.org/ftp/python/{folder}'
const GO = 'https://go.dev/dl/go{version}'
const PYPY = 'https://downloads.python.org/pypy/pypy{version}'
const RUBY = 'https://cache.ruby-lang.org/pub/ruby/{minor}/ruby-{base}.tar.gz'
const INSTALLER =
  'https://github.com/oneclick/rubyinstaller2/releases/download/RubyInstaller-{version}/rubyinstaller-{version}'

/** The last of each minor version that python.org built for Windows and macOS; later ones are sources only. */
const LAST_BUILDS: Readonly<Record<string, string>> = {
  '3.5': '3.5.4',
  '3.6': '3.6.8',
  '3.7': '3.7.9',
  '3.8': '3.8.10',
  '3.9': '3.9.13',
  '3.10': '3.10.11',
  '3.11': '3.11.9',
  '3.12': '3.12.10',
}

/** Languages, by the conventions of nodejs.org, python.org, go.dev, ruby-lang.org, RubyInstaller and pypy.org. */
export const LANGUAGES: readonly Template[] = [
  {
    tool: 'Node',
    aliases: ['node.js', 'nodejs'],
    releases: 'https://nodejs.org/dist',
    version: (version) => /^v?(\d+\.\d+\.\d+)$/.exec(version)?.[1],
    urls: {
      'win32-x64': `${NODE}-win-x64.zip`,
      'win32-x86': [before('23', `${NODE}-win-x86.zip`)],
      'win32-arm64': [since('20', `${NODE}-win-arm64.zip`)],
      'linux-x64': `${NODE}-linux-x64.tar.gz`,
      'linux-arm64': `${NODE}-linux-arm64.tar.gz`,
      'darwin-x64': `${NODE}-darwin-x64.tar.gz`,
      'darwin-arm64': [since('16', `${NODE}-darwin-arm64.tar.gz`)],
    },
  },
  {
    tool: 'Python',
    releases: 'https://www.python.org/downloads',
    version: pythonVersion,
    words: (version) => ({ folder: /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version }),
    urls: {
      'win32-x64': [built(`${PYTHON}/python-{version}-amd64.exe`)],
      'win32-x86': [built(`${PYTHON}/python-{version}.exe`)],
      'win32-arm64': [built(`${PYTHON}/python-{version}-arm64.exe`, '3.11')],
      'linux-x64': `${PYTHON}/Python-{version}.tgz`,
      'linux-arm64': `${PYTHON}/Python-{version}.tgz`,
      'linux-x86': `${PYTHON}/Python-{version}.tgz`,
      'darwin-x64': [
        built(`${PYTHON}/python-{version}-macos11.pkg`, '3.10'),
        built(`${PYTHON}/python-{version}-macosx10.9.pkg`, '3.7'),
      ],
      'darwin-arm64': [built(`${PYTHON}/python-{version}-macos11.pkg`, '3.10')],
    },
  },
  {
    tool: 'Go',
    aliases: ['golang'],
    releases: 'https://go.dev/dl',
    version: goVersion,
    urls: {
      'win32-x64': `${GO}.windows-amd64.zip`,
      'win32-x86': `${GO}.windows-386.zip`,
      'win32-arm64': [since('1.17', `${GO}.windows-arm64.zip`)],
      'linux-x64': `${GO}.linux-amd64.tar.gz`,
      'linux-x86': `${GO}.linux-386.tar.gz`,
      'linux-arm64': `${GO}.linux-arm64.tar.gz`,
      'darwin-x64': `${GO}.darwin-amd64.tar.gz`,
      'darwin-arm64': [since('1.16', `${GO}.darwin-arm64.tar.gz`)],
    },
  },
  {
    tool: 'Ruby',
    releases: 'https://www.ruby-lang.org/en/downloads/releases',
    version: (version) => /^\d+\.\d+\.\d+(?:-\d+)?$/.exec(version)?.[0],
    words: (version) => ({
      base: version.replace(/-\d+$/, ''),
      minor: /^\d+\.\d+/.exec(version)?.[0] ?? version,
      revised: /-\d+$/.test(version) ? version : `${version}-1`,
    }),
    urls: {
      'win32-x64': [since('2.4.1', installer('x64'))],
      'win32-x86': [since('2.4.1', installer('x86'))],
      'win32-arm64': [since('3.4', installer('arm'))],
      any: RUBY,
    },
  },
  {
    tool: 'PyPy',
    releases: 'https://downloads.python.org/pypy',
    version: pypyVersion,
    urls: {
      'win32-x64': [pypy('7.3.4', 'win64.zip'), pypy('0', 'win32.zip')],
      'linux-x64': `${PYPY}-linux64.tar.bz2`,
      'linux-x86': `${PYPY}-linux32.tar.bz2`,
      'linux-arm64': [
        pypy('7.3.9', 'aarch64.tar.bz2'),
        pypy('7.3.8', 'aarch64-portable.tar.bz2'),
        pypy('0', 'aarch64.tar.bz2'),
      ],
      'darwin-x64': [pypy('7.3.10', 'macos_x86_64.tar.bz2'), pypy('0', 'osx64.tar.bz2')],
      'darwin-arm64': [pypy('7.3.10', 'macos_arm64.tar.bz2')],
    },
  },
]

function installer(arch: string): string {
  return `${INSTALLER.replaceAll('{version}', '{revised}')}-${arch}.7z`
}

/** What python.org builds, while it does. */
function built(url: string, from = '3.5'): Convention {
  return {
    url,
    when: (version) => {
      const last = LAST_BUILDS[/^\d+\.\d+/.exec(version)?.[0] ?? '']
      const isBuilt = last === undefined || compareVersions(version, last) <= 0
      return isBuilt && compareVersions(version, from) >= 0
    },
  }
}

/** `3.14.0-rc.3`, as actions/python-versions writes it, is python.org's `3.14.0rc3`. */
function pythonVersion(version: string): string | undefined {
  const match = /^(3\.\d+\.\d+)(?:-?(a|b|rc|alpha|beta)\.?(\d+))?$/.exec(version)
  if (match === null) return undefined
  const [, final = '', phase, number = ''] = match
  return phase === undefined ? final : `${final}${{ alpha: 'a', beta: 'b' }[phase] ?? phase}${number}`
}

/** Before 1.21, the first release of a minor version has two numbers; prereleases always have (go.dev/doc/toolchain). */
function goVersion(version: string): string | undefined {
  const match = /^(?:go)?(1\.\d+(?:\.\d+)?)(?:-?(beta|rc)\.?(\d+))?$/.exec(version)
  if (match === null) return undefined
  const [, final = '', phase, number = ''] = match
  if (phase !== undefined) return `${withoutLastZero(final)}${phase}${number}`
  if (compareVersions(final, '1.21') < 0) return withoutLastZero(final)
  return /^\d+\.\d+$/.test(final) ? `${final}.0` : final
}

/** `3.9.19 [PyPy 7.3.16]`, as reports write it, and setup-python's `pypy3.9-v7.3.16`: files have the latter. */
function pypyVersion(version: string): string | undefined {
  const match =
    /^(\d+\.\d+)\.\d+ \[PyPy (\d+\.\d+\.\d+)\]$/.exec(version) ??
    /^(?:pypy)?(\d+\.\d+)-v(\d+\.\d+\.\d+)$/.exec(version)
  return match === null ? undefined : `${match[1]}-v${match[2]}`
}

function pypy(from: string, end: string): Convention {
  return {
    url: `${PYPY}-${end}`,
    when: (version) => compareVersions(version.replace(/^.*-v/, ''), from) >= 0,
  }
}
