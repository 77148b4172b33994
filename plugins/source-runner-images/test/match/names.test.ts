import { describe, expect, it } from 'vitest'
import { packageName, plainName } from '../../src/match/names.ts'
import { urlFault } from '../../src/match/url.ts'

describe('a name in the store', () => {
  it.each([
    ['C++', 'C++'],
    ['C--', 'C--'],
    ['Node.js', 'Node.js'],
    ['Docker Compose v2', 'Docker-Compose-v2'],
    ['.NET SDK', 'NET-SDK'],
    ['android;m2repository', 'android-m2repository'],
    ['../etc', 'etc'],
    ['é', 'e'],
    ['***', 'unnamed'],
    ['a.', 'a'],
  ])('of %s is %s', (tool, name) => {
    expect(packageName(tool)).toBe(name)
  })

  it('differs for C, C++, C--, c and Node.js', () => {
    const names = ['C', 'C++', 'C--', 'c', 'Node.js', 'Nodejs'].map(packageName)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('names that are compared', () => {
  it.each([
    ['OS Version:', 'os version'],
    ['  Docker   Compose ', 'docker compose'],
    ['C++', 'c++'],
    ['C--', 'c--'],
  ])('%s is %s', (name, plain) => {
    expect(plainName(name)).toBe(plain)
  })
})

describe('an address of one file', () => {
  it.each([
    'https://github.com/actions/go-versions/releases/download/1.24.5-16210585985/go-1.24.5-win32-x64.zip',
    'https://github.com/adoptium/temurin17-binaries/releases/download/jdk-17.0.15%2B6/a.zip',
    'http://127.0.0.1:8080/a.zip',
  ])('is %s', (url) => {
    expect(urlFault(url)).toBeUndefined()
  })

  it.each([
    [
      'https://www.python.org/ftp/python/3.9.*/python-3.9.*-amd64.exe',
      'is a pattern, not the address of a file',
    ],
    ['https://a.org/{version}.zip', 'is a pattern, not the address of a file'],
    ['https://a.org/%7Bversion%7D.zip', 'is a pattern, not the address of a file'],
    ['https://a.org/a b.zip', 'is a pattern, not the address of a file'],
    ['https://a.org/<version>.zip', 'is a pattern, not the address of a file'],
    ['ftp://a.org/a.zip', 'is no http or https URL'],
    ['file:///etc/passwd', 'is no http or https URL'],
    ['javascript:alert(1)', 'is no http or https URL'],
    ['a.zip', 'is no http or https URL'],
    ['', 'is no http or https URL'],
    ['https://example.com/downloads/Ruby-3.1.msi', 'leads to a host that stands for any other'],
    ['https://dl.example.org./a', 'leads to a host that stands for any other'],
    ['https://acme.test/a', 'leads to a host that stands for any other'],
    ['https://x.invalid/a', 'leads to a host that stands for any other'],
  ])('is not %s: it %s', (url, why) => {
    expect(urlFault(url)).toBe(why)
  })
})
