import { TEMPLATES, type Template, template } from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../upstream.ts'
import { type MachineName, queryFor } from './support.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())

async function urlOf(
  tool: string | Template,
  machine: MachineName,
  version: string,
): Promise<string | undefined> {
  const query = queryFor(machine, { tool: 'any', spec: '*', version })
  const [found] = await template(tool).resolve(query, upstream.documents())
  return found && `${found.version} ${found.url} ${found.evidence}`
}

const GITHUB = 'https://github.com'
const GIT = `${GITHUB}/git-for-windows/git/releases/download`
const CMAKE = `${GITHUB}/Kitware/CMake/releases/download`
const JQ = `${GITHUB}/jqlang/jq/releases/download`
const APACHE = 'https://archive.apache.org/dist'
const PACKER = 'https://releases.hashicorp.com/packer'
const DOCKER = 'https://download.docker.com'
const INSTALLER = `${GITHUB}/oneclick/rubyinstaller2/releases/download`
const NODE = 'https://nodejs.org/dist'
const PYTHON = 'https://www.python.org/ftp/python'

/** Tool, version asked for, machine, version and URL. */
const CASES = [
  ['Git', '2.50.1', 'win32-x64', '2.50.1', `${GIT}/v2.50.1.windows.1/Git-2.50.1-64-bit.exe`],
  ['Git', '2.50.1.windows.1', 'win32-x64', '2.50.1', `${GIT}/v2.50.1.windows.1/Git-2.50.1-64-bit.exe`],
  ['Git', '2.48.1.windows.2', 'win32-x64', '2.48.1.2', `${GIT}/v2.48.1.windows.2/Git-2.48.1.2-64-bit.exe`],
  ['Git', '2.48.1.2', 'win32-x86', '2.48.1.2', `${GIT}/v2.48.1.windows.2/Git-2.48.1.2-32-bit.exe`],
  ['git', '2.50.1', 'win32-arm64', '2.50.1', `${GIT}/v2.50.1.windows.1/Git-2.50.1-arm64.exe`],
  ['Node', '22.17.1', 'win32-x64', '22.17.1', `${NODE}/v22.17.1/node-v22.17.1-win-x64.zip`],
  ['Node.js', 'v20.19.4', 'darwin-arm64', '20.19.4', `${NODE}/v20.19.4/node-v20.19.4-darwin-arm64.tar.gz`],
  ['Python', '3.12.10', 'win32-x64', '3.12.10', `${PYTHON}/3.12.10/python-3.12.10-amd64.exe`],
  ['Python', '3.12.10', 'win32-x86', '3.12.10', `${PYTHON}/3.12.10/python-3.12.10.exe`],
  ['Python', '3.13.5', 'win32-arm64', '3.13.5', `${PYTHON}/3.13.5/python-3.13.5-arm64.exe`],
  ['Python', '3.13.5', 'darwin-arm64', '3.13.5', `${PYTHON}/3.13.5/python-3.13.5-macos11.pkg`],
  ['Python', '3.9.13', 'darwin-x64', '3.9.13', `${PYTHON}/3.9.13/python-3.9.13-macosx10.9.pkg`],
  ['Python', '3.12.11', 'linux-x64', '3.12.11', `${PYTHON}/3.12.11/Python-3.12.11.tgz`],
  ['Python', '3.14.0-rc.3', 'win32-x64', '3.14.0rc3', `${PYTHON}/3.14.0/python-3.14.0rc3-amd64.exe`],
  ['Go', '1.24.5', 'win32-x64', '1.24.5', 'https://go.dev/dl/go1.24.5.windows-amd64.zip'],
  ['golang', '1.21', 'linux-arm64', '1.21.0', 'https://go.dev/dl/go1.21.0.linux-arm64.tar.gz'],
  ['Go', '1.20.0', 'darwin-x64', '1.20', 'https://go.dev/dl/go1.20.darwin-amd64.tar.gz'],
  ['Go', '1.25.0-rc.1', 'linux-x64', '1.25rc1', 'https://go.dev/dl/go1.25rc1.linux-amd64.tar.gz'],
  ['Docker', '28.3.2', 'win32-x64', '28.3.2', `${DOCKER}/win/static/stable/x86_64/docker-28.3.2.zip`],
  ['Docker', '28.3.2', 'linux-arm64', '28.3.2', `${DOCKER}/linux/static/stable/aarch64/docker-28.3.2.tgz`],
  ['Docker', '28.3.2', 'darwin-arm64', '28.3.2', `${DOCKER}/mac/static/stable/aarch64/docker-28.3.2.tgz`],
  ['CMake', '3.31.6', 'win32-x64', '3.31.6', `${CMAKE}/v3.31.6/cmake-3.31.6-windows-x86_64.zip`],
  ['CMake', '4.0.3', 'linux-arm64', '4.0.3', `${CMAKE}/v4.0.3/cmake-4.0.3-linux-aarch64.tar.gz`],
  ['CMake', '3.31.6', 'darwin-arm64', '3.31.6', `${CMAKE}/v3.31.6/cmake-3.31.6-macos-universal.tar.gz`],
  ['CMake', '3.18.4', 'win32-x64', '3.18.4', `${CMAKE}/v3.18.4/cmake-3.18.4-win64-x64.zip`],
  ['CMake', '3.18.4', 'linux-x64', '3.18.4', `${CMAKE}/v3.18.4/cmake-3.18.4-Linux-x86_64.tar.gz`],
  ['7-Zip', '25.00', 'win32-x64', '25.00', 'https://www.7-zip.org/a/7z2500-x64.exe'],
  ['7zip', '24.9.0', 'win32-arm64', '24.09', 'https://www.7-zip.org/a/7z2409-arm64.exe'],
  ['7-Zip', '23.01', 'linux-x64', '23.01', 'https://www.7-zip.org/a/7z2301-linux-x64.tar.xz'],
  ['7-Zip', '25.00', 'win32-x86', '25.00', 'https://www.7-zip.org/a/7z2500.exe'],
  ['Packer', '1.13.1', 'win32-x64', '1.13.1', `${PACKER}/1.13.1/packer_1.13.1_windows_amd64.zip`],
  ['Packer', '1.13.1', 'linux-arm64', '1.13.1', `${PACKER}/1.13.1/packer_1.13.1_linux_arm64.zip`],
  [
    'Gradle',
    '8.14.3',
    'win32-x64',
    '8.14.3',
    'https://services.gradle.org/distributions/gradle-8.14.3-bin.zip',
  ],
  ['Gradle', '8.14.0', 'linux-x64', '8.14', 'https://services.gradle.org/distributions/gradle-8.14-bin.zip'],
  ['Gradle', '9.0', 'darwin-x64', '9.0.0', 'https://services.gradle.org/distributions/gradle-9.0.0-bin.zip'],
  [
    'Maven',
    '3.9.11',
    'win32-x64',
    '3.9.11',
    `${APACHE}/maven/maven-3/3.9.11/binaries/apache-maven-3.9.11-bin.zip`,
  ],
  [
    'Maven',
    '4.0.0-rc-4',
    'linux-x64',
    '4.0.0-rc-4',
    `${APACHE}/maven/maven-4/4.0.0-rc-4/binaries/apache-maven-4.0.0-rc-4-bin.tar.gz`,
  ],
  ['Ant', '1.10.15', 'win32-x64', '1.10.15', `${APACHE}/ant/binaries/apache-ant-1.10.15-bin.zip`],
  ['Ant', '1.10.14', 'linux-x64', '1.10.14', `${APACHE}/ant/binaries/apache-ant-1.10.14-bin.tar.gz`],
  ['jq', '1.7.1', 'win32-x64', '1.7.1', `${JQ}/jq-1.7.1/jq-windows-amd64.exe`],
  ['jq', '1.7.1', 'linux-arm64', '1.7.1', `${JQ}/jq-1.7.1/jq-linux-arm64`],
  ['jq', '1.8', 'darwin-arm64', '1.8.0', `${JQ}/jq-1.8.0/jq-macos-arm64`],
  ['jq', '1.7.0', 'linux-x64', '1.7', `${JQ}/jq-1.7/jq-linux-amd64`],
  ['jq', '1.6', 'win32-x64', '1.6', `${JQ}/jq-1.6/jq-win64.exe`],
  ['jq', '1.6', 'linux-x64', '1.6', `${JQ}/jq-1.6/jq-linux64`],
  ['Ruby', '3.3.8', 'win32-x64', '3.3.8', `${INSTALLER}/RubyInstaller-3.3.8-1/rubyinstaller-3.3.8-1-x64.7z`],
  [
    'Ruby',
    '3.4.4-2',
    'win32-arm64',
    '3.4.4-2',
    `${INSTALLER}/RubyInstaller-3.4.4-2/rubyinstaller-3.4.4-2-arm.7z`,
  ],
  ['Ruby', '3.3.8', 'linux-x64', '3.3.8', 'https://cache.ruby-lang.org/pub/ruby/3.3/ruby-3.3.8.tar.gz'],
  [
    'PyPy',
    '3.10.16 [PyPy 7.3.19]',
    'win32-x64',
    '3.10-v7.3.19',
    'https://downloads.python.org/pypy/pypy3.10-v7.3.19-win64.zip',
  ],
  [
    'PyPy',
    '3.9-v7.3.16',
    'darwin-arm64',
    '3.9-v7.3.16',
    'https://downloads.python.org/pypy/pypy3.9-v7.3.16-macos_arm64.tar.bz2',
  ],
  [
    'PyPy',
    'pypy3.6-v7.3.3',
    'win32-x64',
    '3.6-v7.3.3',
    'https://downloads.python.org/pypy/pypy3.6-v7.3.3-win32.zip',
  ],
] as const

/** No such file was ever published. */
const NOTHING = [
  ['Git', '2.50.1', 'linux-x64'],
  ['Git', '2.50.1', 'win32-x86'],
  ['Git', '2.47.0', 'win32-arm64'],
  ['Node', '22', 'win32-x64'],
  ['Node', '23.0.0', 'win32-x86'],
  ['Node', '14.21.3', 'darwin-arm64'],
  ['Python', '3.12.11', 'win32-x64'],
  ['Python', '3.9.14', 'darwin-x64'],
  ['Python', '3.9.*', 'linux-x64'],
  ['Python', '3.10.11', 'win32-arm64'],
  ['Go', '1.15.15', 'darwin-arm64'],
  ['CMake', '3.18.4', 'linux-arm64'],
  ['CMake', '*', 'win32-x64'],
  ['7-Zip', '19.00', 'linux-x64'],
  ['Packer', 'latest', 'linux-x64'],
  ['jq', '1.6', 'linux-arm64'],
  ['jq', '1.7.1/../x', 'linux-x64'],
  ['Gradle', '8', 'linux-x64'],
  ['PyPy', '3.10', 'linux-x64'],
  ['Docker', '28.3.2', 'win32-arm64'],
] as const

describe('templates', () => {
  it.each(CASES)('%s %s for %s', async (tool, asked, machine, version, url) => {
    expect(await urlOf(tool, machine, asked)).toBe(`${version} ${url} template`)
  })

  it.each(NOTHING)('%s %s for %s is nothing', async (tool, version, machine) => {
    expect(await urlOf(tool, machine, version)).toBeUndefined()
  })

  it('covers the fourteen tools that the older system named, under names that are each of one tool', () => {
    const named = [
      'Git',
      'Node',
      'Python',
      'Go',
      'Docker',
      'CMake',
      '7-Zip',
      'Packer',
      'Gradle',
      'Maven',
      'Ant',
      'jq',
      'Ruby',
      'PyPy',
    ]
    const tools = TEMPLATES.map(({ tool }) => tool)
    expect(named.filter((tool) => !tools.includes(tool))).toEqual([])
    const names = TEMPLATES.flatMap(({ tool, aliases = [] }) => [tool, ...aliases]).map((name) =>
      name.toLowerCase(),
    )
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('takes rows of others, by default with two to four numbers', async () => {
    const acme: Template = {
      tool: 'acme',
      releases: 'https://acme.example',
      urls: { any: 'https://acme.example/acme-{version}.zip' },
    }
    expect(await urlOf(acme, 'linux-x64', 'v1.2.3.4')).toBe(
      '1.2.3.4 https://acme.example/acme-1.2.3.4.zip template',
    )
    expect(await urlOf(acme, 'linux-x64', '1.2-rc1')).toBe(
      '1.2-rc1 https://acme.example/acme-1.2-rc1.zip template',
    )
    for (const version of ['1', '1.2.3.4.5', '1.*', 'latest', '1.2 3'])
      expect(await urlOf(acme, 'linux-x64', version)).toBeUndefined()
  })

  it('gives no URL with a word that nobody knows', async () => {
    const row: Template = {
      tool: 'acme',
      releases: '',
      urls: { any: 'https://acme.example/{version}/{arch}.zip' },
    }
    expect(await urlOf(row, 'linux-x64', '1.2.3')).toBeUndefined()
  })

  it('knows no others', () => {
    expect(() => template('constructor')).toThrow('there is no template of constructor')
  })
})
