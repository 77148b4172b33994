import { leftOut } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import type { Document, Documents } from '../../src/documents.ts'
import { matchRows } from '../../src/match/rows.ts'
import { readReport } from '../../src/report/read.ts'
import { readToolset } from '../../src/toolset/read.ts'
import { corpusMissing, corpusPath, corpusText } from '../corpus.ts'

function open(path: string): Document {
  const name = `${path}.json`
  return { place: corpusPath(name), value: JSON.parse(corpusText(name)), fetchedAt: '2025-07-20T00:00:00Z' }
}

const nobody: Documents = {
  json: () => Promise.reject(new Error('nobody is to be asked')),
  made: () => Promise.reject(new Error('nobody is to be asked')),
  index: () => Promise.reject(new Error('nobody is to be asked')),
}

/** `section count`, in the order in which they come. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
}

const ROWS: Readonly<Record<string, string>> = {
  '2025-07-20/windows/toolset-2019':
    'powershellModules 10, azureModules 1, android 16, MsysPackages 15, windowsFeatures 7, visualStudio 98, vsix 6, docker.images 5, docker.components 2, pipx 1, selenium 1, npm 11, serviceFabric 2, dotnet.tools 1, choco 17, maven 1, mysql 1, mongodb 1, nsis 1, php 1, llvm 1, postgresql 1, kotlin 1, openssl 1, pwsh 1',
  '2025-07-20/windows/toolset-2022':
    'powershellModules 10, azureModules 1, android 12, mingw 1, windowsFeatures 10, visualStudio 87, vsix 5, docker.images 5, docker.components 2, pipx 1, selenium 1, npm 5, serviceFabric 2, dotnet.tools 1, choco 16, maven 1, mysql 1, mongodb 1, nsis 1, llvm 1, php 1, postgresql 1, kotlin 1, openssl 1, pwsh 1',
  '2025-07-20/windows/toolset-2025':
    'powershellModules 10, azureModules 1, android 12, mingw 1, windowsFeatures 10, visualStudio 78, vsix 5, docker.components 2, pipx 1, selenium 1, npm 5, serviceFabric 2, dotnet.tools 1, choco 15, maven 1, mysql 1, mongodb 1, llvm 1, php 1, postgresql 1, kotlin 1, openssl 1, pwsh 1',
  '2025-07-20/macos/toolset-13':
    'xcode 12, android 11, powershellModules 3, brew 24, gcc 3, ruby.default 1, ruby.rubygems 3, llvm 1, php 1, mono 2, pwsh 1',
  '2025-07-20/macos/toolset-14':
    'xcode 14, android 11, powershellModules 3, brew 26, gcc 3, ruby.default 1, ruby.rubygems 3, llvm 1, php 1, pwsh 1, mono 2',
  '2025-07-20/macos/toolset-15':
    'xcode 12, android 11, powershellModules 3, brew 25, gcc 3, ruby.default 1, ruby.rubygems 3, llvm 1, php 1, pwsh 1',
  '2025-07-20/ubuntu/toolset-2204':
    'java.maven 1, android 11, powershellModules 4, azureModules 1, apt 91, docker.images 15, docker.components 3, docker.plugins 2, pipx 2, dotnet.tools 1, dotnet.aptPackages 3, clang 3, gcc 3, gfortran 3, php 1, rubygems 1, selenium 1, node_modules 12, postgresql 1, pwsh 1',
  '2025-07-20/ubuntu/toolset-2404':
    'java.maven 1, android 10, powershellModules 3, azureModules 1, apt 72, docker.components 3, docker.plugins 2, pipx 2, dotnet.tools 1, dotnet.aptPackages 1, clang 3, gcc 3, gfortran 3, php 1, rubygems 1, selenium 1, node_modules 10, postgresql 1, pwsh 1',
  '2025-09-29/ubuntu/toolset-2404':
    'java.maven 1, android 10, powershellModules 3, azureModules 1, apt 72, docker.components 3, docker.plugins 2, pipx 2, dotnet.tools 1, clang 3, gcc 3, gfortran 3, php 1, rubygems 1, selenium 1, node_modules 10, postgresql 1, pwsh 1',
}

const MATCHED: readonly (readonly [report: string, toolset: string, expected: readonly string[]])[] = [
  [
    'windows-2025_20250720.1.0',
    '2025-07-20/windows/toolset-2025',
    [
      'powershellModules matched template 10',
      'azureModules matched template 1',
      'android matched toolset 1',
      'android matched package-manager 11',
      'mingw matched floating 1',
      'windowsFeatures not-downloadable none 10',
      'visualStudio matched floating 78',
      'vsix matched floating 5',
      'docker.components matched template 2',
      'pipx matched package-manager 1',
      'selenium matched template 1',
      'npm matched package-manager 2',
      'npm not-in-report package-manager 3',
      'serviceFabric matched toolset 1',
      'serviceFabric not-in-report toolset 1',
      'dotnet.tools matched package-manager 1',
      'choco matched template 4',
      'choco matched package-manager 11',
      'maven matched template 1',
      'mysql matched template 1',
      'mongodb matched template 1',
      'llvm matched template 1',
      'php matched package-manager 1',
      'postgresql matched floating 1',
      'kotlin matched template 1',
      'openssl matched template 1',
      'pwsh matched template 1',
    ],
  ],
  [
    'ubuntu-24.04_20250929.60.1',
    '2025-09-29/ubuntu/toolset-2404',
    [
      'java.maven matched template 1',
      'android matched toolset 1',
      'android matched package-manager 9',
      'powershellModules matched template 3',
      'azureModules matched template 1',
      'apt matched package-manager 72',
      'docker.components not-in-report package-manager 1',
      'docker.components matched package-manager 2',
      'docker.plugins matched template 2',
      'pipx matched package-manager 2',
      'dotnet.tools matched package-manager 1',
      'clang matched package-manager 3',
      'gcc matched package-manager 3',
      'gfortran matched package-manager 3',
      'php matched package-manager 1',
      'rubygems matched package-manager 1',
      'selenium matched template 1',
      'node_modules not-in-report package-manager 5',
      'node_modules matched package-manager 5',
      'postgresql matched package-manager 1',
      'pwsh matched template 1',
    ],
  ],
]

// those that ask an index are held against it elsewhere
const ASKING = /^(toolcache|node\.|java\.versions|dotnet\.versions)/

describe.skipIf(leftOut('toolsets of the corpus', corpusMissing))('toolsets of the corpus', () => {
  it.each(Object.entries(ROWS))('%s is read without a fault', (path, expected) => {
    const { wanted, faults } = readToolset(open(`toolsets/${path}`))
    expect(faults.map(({ message }) => message)).toEqual([])
    const sections = wanted.map(({ section }) => section).filter((section) => !ASKING.test(section))
    expect(tally(sections)).toBe(expected)
  })

  it.each(MATCHED)('%s has what %s asks for', async (report, toolset, expected) => {
    const { rows } = await matchRows({
      report: readReport(open(`reports/${report}`)),
      toolsets: [readToolset(open(`toolsets/${toolset}`))],
      documents: nobody,
    })
    const asked = rows.filter(({ section = '', status }) => status !== 'report-only' && !ASKING.test(section))
    const told = asked.map(
      ({ section, status, urlEvidence = 'none' }) => `${section} ${status} ${urlEvidence}`,
    )
    expect(tally(told).split(', ')).toEqual(expected)
  })
})
