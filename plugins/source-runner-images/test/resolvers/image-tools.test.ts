import { describe, expect, it } from 'vitest'
import type { Documents } from '../../src/documents.ts'
import { powershellGallery, type Resolver, template } from '../../src/resolvers/index.ts'

const documents: Documents = {
  json: () => Promise.reject(new Error('nobody is to be asked')),
  made: () => Promise.reject(new Error('nobody is to be asked')),
  index: () => Promise.reject(new Error('nobody is to be asked')),
}

type Machine = readonly [platform: 'win32' | 'linux' | 'darwin', arch: 'x64' | 'x86' | 'arm64']

async function urls(resolver: Resolver, tool: string, spec: string, [platform, arch]: Machine) {
  const found = await resolver.resolve({ tool, spec, platform, arch }, documents)
  return found.map(({ url, version, evidence }) => `${version} ${evidence} ${url}`)
}

const WINDOWS: Machine = ['win32', 'x64']
const ON_ARM: Machine = ['win32', 'arm64']
const LINUX: Machine = ['linux', 'x64']
const MAC: Machine = ['darwin', 'arm64']
const GITHUB = 'https://github.com'

const FILES: readonly (readonly [tool: string, version: string, machine: Machine, url: string])[] = [
  [
    'kotlin',
    '2.2.0',
    WINDOWS,
    `${GITHUB}/JetBrains/kotlin/releases/download/v2.2.0/kotlin-compiler-2.2.0.zip`,
  ],
  [
    'PowerShell',
    '7.4.11',
    WINDOWS,
    `${GITHUB}/PowerShell/PowerShell/releases/download/v7.4.11/PowerShell-7.4.11-win-x64.msi`,
  ],
  [
    'pwsh',
    '7.4.12',
    LINUX,
    `${GITHUB}/PowerShell/PowerShell/releases/download/v7.4.12/powershell-7.4.12-linux-x64.tar.gz`,
  ],
  [
    'pwsh',
    '7.4.12',
    MAC,
    `${GITHUB}/PowerShell/PowerShell/releases/download/v7.4.12/powershell-7.4.12-osx-arm64.pkg`,
  ],
  ['mysql', '8.0.42', WINDOWS, 'https://cdn.mysql.com/Downloads/MySQL-8.0/mysql-8.0.42-winx64.msi'],
  [
    'mongodb',
    '7.0.21',
    WINDOWS,
    'https://fastdl.mongodb.org/windows/mongodb-windows-x86_64-7.0.21-signed.msi',
  ],
  [
    'llvm',
    '20.1.7',
    WINDOWS,
    `${GITHUB}/llvm/llvm-project/releases/download/llvmorg-20.1.7/LLVM-20.1.7-win64.exe`,
  ],
  [
    'llvm',
    '20.1.6',
    ON_ARM,
    `${GITHUB}/llvm/llvm-project/releases/download/llvmorg-20.1.6/clang+llvm-20.1.6-aarch64-pc-windows-msvc.tar.xz`,
  ],
  [
    'selenium',
    '4.34.0',
    LINUX,
    `${GITHUB}/SeleniumHQ/selenium/releases/download/selenium-4.34.0/selenium-server-4.34.0.jar`,
  ],
  [
    'selenium-server-standalone',
    '3.141.59',
    LINUX,
    `${GITHUB}/SeleniumHQ/selenium/releases/download/selenium-3.141.59/selenium-server-standalone-3.141.59.jar`,
  ],
  ['openssl', '3.5.1', WINDOWS, 'https://slproweb.com/download/Win64OpenSSL-3_5_1.exe'],
  ['openssl', '1.1.1w', WINDOWS, 'https://slproweb.com/download/Win64OpenSSL-1_1_1w.exe'],
  ['openssl', '3.5.1', ON_ARM, 'https://slproweb.com/download/Win64ARMOpenSSL-3_5_1.exe'],
  [
    'docker-compose',
    '2.32.2',
    WINDOWS,
    `${GITHUB}/docker/compose/releases/download/v2.32.2/docker-compose-windows-x86_64.exe`,
  ],
  [
    'docker-compose',
    '2.38.2',
    LINUX,
    `${GITHUB}/docker/compose/releases/download/v2.38.2/docker-compose-linux-x86_64`,
  ],
  ['buildx', '0.28.0', LINUX, `${GITHUB}/docker/buildx/releases/download/v0.28.0/buildx-v0.28.0.linux-amd64`],
  [
    'openshift-client',
    '4.15.19',
    LINUX,
    'https://mirror.openshift.com/pub/openshift-v4/clients/ocp/4.15.19/openshift-client-linux-4.15.19.tar.gz',
  ],
]

/** What no file stands for. */
const NONE: readonly (readonly [tool: string, spec: string, machine: Machine])[] = [
  ['kotlin', 'latest', WINDOWS],
  ['kotlin', '2.2', WINDOWS],
  ['pwsh', '7.4', WINDOWS],
  ['mysql', '8.0.42', LINUX],
  ['selenium', '3.141.59', LINUX],
  ['selenium-server-standalone', '4.34.0', LINUX],
  ['openssl', '1.1.1', WINDOWS],
  ['openssl', '3.*', WINDOWS],
  ['openssl', '3.5.1', LINUX],
  ['docker-compose', '1.29.2', LINUX],
]

describe('templates of what the images have', () => {
  it.each(FILES)('%s %s on %s', async (tool, version, machine, url) => {
    expect(await urls(template(tool), tool, version, machine)).toEqual([`${version} template ${url}`])
  })

  it.each(NONE)('%s %s on %s is no file', async (tool, spec, machine) => {
    expect(await urls(template(tool), tool, spec, machine)).toEqual([])
  })
})

describe('the PowerShell Gallery', () => {
  it.each([
    ['Az', '12.5.0', ['12.5.0 template https://www.powershellgallery.com/api/v2/package/Az/12.5.0']],
    [
      'SqlServer',
      '22.4.5.1',
      ['22.4.5.1 template https://www.powershellgallery.com/api/v2/package/SqlServer/22.4.5.1'],
    ],
    [
      'Pester',
      '6.0.0-alpha5',
      ['6.0.0-alpha5 template https://www.powershellgallery.com/api/v2/package/Pester/6.0.0-alpha5'],
    ],
    ['Pester', '*', []],
    ['../x', '1.0', []],
  ])('%s %s', async (tool, version, expected) => {
    expect(await urls(powershellGallery, tool, version, WINDOWS)).toEqual(expected)
  })
})
