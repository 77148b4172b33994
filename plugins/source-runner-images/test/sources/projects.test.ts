import { describe, expect, it } from 'vitest'
import { isOlderBuilders } from '../../src/sources/older.ts'
import { PROJECTS, projectOf } from '../../src/sources/projects.ts'
import type { SourceRow } from '../../src/sources/types.ts'
import { urlWords } from '../../src/sources/url-words.ts'
import { olderRow } from './kit.ts'

describe('places of projects', () => {
  it.each(PROJECTS.map((project) => [project.name, project] as const))('%s', (_, project) => {
    expect(projectOf(`${project.at}${project.example}`)).toBe(project)
    expect(project.shape.test(project.example)).toBe(true)
    expect(project.shape.test(project.example.replaceAll(/\d+(\.\d+)+/g, '3.*'))).toBe(
      project.name === '7-Zip',
    )
  })

  it.each([
    ['https://go.dev/dl/go1.21.linux-amd64.tar.gz', true],
    ['https://go.dev/dl/go1.25rc2.src.tar.gz', true],
    ['https://go.dev/dl/1.24.5.zip', false],
    ['https://nodejs.org/dist/v22.17.1/node-v22.17.0-x64.msi', false],
    ['https://downloads.python.org/pypy/pypy3.10-win64.zip', false],
    ['https://downloads.python.org/pypy/pypy3.11-v7.3.20-linux64.tar.bz2', true],
    ['https://www.python.org/ftp/python/3.1/python-3.1-amd64.exe', false],
  ])('%s can be there: %s', (url, can) => {
    const project = projectOf(url)
    expect(project?.shape.test(url.slice(project.at.length))).toBe(can)
  })
})

describe('words in file names', () => {
  it.each([
    ['python-3.12.10-win32-x64.zip', { platform: 'win32', arch: 'x64' }],
    ['python-3.12.10-win32-x86.zip', { platform: 'win32', arch: 'x86' }],
    ['python-3.12.10-linux-24.04-arm64.tar.gz', { platform: 'linux', arch: 'arm64' }],
    ['go1.24.5.darwin-amd64.pkg', { platform: 'darwin', arch: 'x64' }],
    ['cmake-4.0.3-windows-x86_64.msi', { platform: 'win32', arch: 'x64' }],
    ['cmake-4.0.3-macos-universal.dmg', { platform: 'darwin' }],
    ['pypy3.10-v7.3.19-win64.zip', { platform: 'win32', arch: 'x64' }],
    ['Git-2.50.1-64-bit.exe', { platform: 'win32', arch: 'x64' }],
    ['jq-macos-arm64', { platform: 'darwin', arch: 'arm64' }],
    ['gradle-8.14.3-bin.zip', {}],
    ['twine-1.0.zip', {}],
    ['x.zip?arch=amd64', {}],
  ])('%s', (file, words) => {
    expect(urlWords(`https://files.internal/linux/amd64/${file}`)).toEqual(words)
  })
})

describe('rows of the older builder', () => {
  const row = (fields: Record<string, unknown>) => {
    const { sha256: _, size: _size, ...plain } = olderRow()
    return { ...plain, ...fields } as unknown as SourceRow
  }
  it.each([
    ['as it wrote them', {}, true],
    [
      'of a version without dots',
      { version: '22', downloadUrl: 'https://nodejs.org/dist/v22/node-v22-x64.msi' },
      true,
    ],
    ['of 7-Zip', { version: '24.09', downloadUrl: 'https://www.7-zip.org/a/7z2409-x64.msi' }, true],
    ['of no project', { downloadUrl: 'https://example.com/downloads/frob-1.msi' }, true],
    ['with another version in the URL', { version: '3.12.9' }, false],
    ['with another URL', { downloadUrl: 'https://files.internal/python.zip' }, false],
    ['with a digest', { sha256: 'ab'.repeat(32) }, false],
    ['with a size', { size: 1 }, false],
  ])('%s', (_, fields, is) => {
    expect(isOlderBuilders(row(fields))).toBe(is)
  })
})
