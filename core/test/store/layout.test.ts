import { join, normalize } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName, type NamePart, type PackageKey } from '../../src/model/names.ts'
import { artifactPath, recordName, remotePath } from '../../src/store/layout.ts'
import { faultLine, faultOf } from '../support/fault.ts'

const linux = (name: string, version: string, arch = 'amd64'): PackageKey => ({
  name,
  version,
  platform: 'linux',
  arch,
})

describe('the path of an artifact', () => {
  it.each<readonly [PackageKey, string | undefined, string]>([
    [linux('containerd', '2.1.0'), undefined, 'containerd-2.1.0-amd64.tar.zst'],
    [linux('cni-plugins', '1.7.1', 'arm64'), undefined, 'cni-plugins-1.7.1-arm64.tar.zst'],
    [linux('tool', '1.0-rc.1'), undefined, 'tool-1.0-rc.1-amd64.tar.zst'],
    [linux('a', '1-2'), undefined, 'a-1-2-amd64.tar.zst'],
    [linux('a-1', '2'), undefined, 'linux/amd64/a-1/2/a-1-2-amd64.tar.zst'],
    [linux('a', 'v1'), undefined, 'linux/amd64/a/v1/a-v1-amd64.tar.zst'],
    [linux('a', 'nightly'), undefined, 'linux/amd64/a/nightly/a-nightly-amd64.tar.zst'],
    [
      { ...linux('Python', '3.12.10', 'x64'), platform: 'win32' },
      'python-3.12.10-win32-x64.zip',
      'win32/x64/Python/3.12.10/python-3.12.10-win32-x64.zip',
    ],
    [
      { ...linux('tool', '1.0.0'), platform: 'darwin' },
      undefined,
      'darwin/amd64/tool/1.0.0/tool-1.0.0-amd64.tar.zst',
    ],
    [linux('tool', '1.0.0'), 'tool.tgz', 'linux/amd64/tool/1.0.0/tool.tgz'],
  ])('%j %s', (key, kept, expected) => {
    expect(artifactPath(key, kept)).toBe(expected)
  })

  it.each<readonly [NamePart, string]>([
    ['name', ''],
    ['name', '.'],
    ['name', '..'],
    ['name', '../x'],
    ['name', '/etc'],
    ['name', 'a/b'],
    ['name', 'a\\b'],
    ['name', '-rf'],
    ['name', '.hidden'],
    ['name', 'a b'],
    ['name', 'a\n'],
    ['name', 'a\u0000'],
    ['name', 'a@b'],
    ['name', 'ä'],
    ['name', 'a!'],
    ['name', 'a.'],
    ['name', 'x'.repeat(129)],
    ['version', '1/2'],
    ['version', '~1'],
    ['version', '1.'],
    ['platform', 'Linux'],
    ['platform', '../linux'],
    ['arch', 'amd-64'],
    ['arch', ''],
    ['file', 'a b.zip'],
    ['file', '../x.zip'],
    ['file', '.zip'],
  ])('refuses a %s %j', async (part, value) => {
    const refuse = () => checkName(part, value)
    expect((await faultOf(refuse)).code).toBe('E_NAME')
    expect((await faultOf(refuse)).message).toBe(
      `${JSON.stringify(value.slice(0, 200))} cannot be used as a ${part}`,
    )
    const key = { ...linux('a', '1'), ...(part === 'file' ? {} : { [part]: value }) }
    expect(await faultLine(() => artifactPath(key, part === 'file' ? value : undefined))).toMatch(/^E_NAME: /)
  })

  it('refuses names that would not fit a file name together', async () => {
    const long = 'x'.repeat(120)
    expect(await faultLine(() => artifactPath(linux(long, `1${long}`)))).toMatch(
      /^E_NAME: name, version, platform and arch have \d+ characters together$/,
    )
  })

  it('on a node lies below the package’s name', () => {
    expect(remotePath(linux('runc', '1.3.0'), 'runc-1.3.0-amd64.tar.zst')).toBe(
      'runc/runc-1.3.0-amd64.tar.zst',
    )
    expect(remotePath(linux('tool', '1'), 'linux/amd64/tool/1/tool.zip')).toBe('tool/linux/amd64/1/tool.zip')
  })
})

const part = (first: string, rest: string, maxLength: number) =>
  fc
    .tuple(fc.constantFrom(...first), fc.array(fc.constantFrom(...rest), { maxLength }))
    .map(([a, b]) => a + b.join(''))
const key = fc.record({
  name: part('aA1', 'aA1.-+_', 5),
  version: part('1va', '1a.-+~', 5),
  platform: fc.constantFrom('linux', 'win32'),
  arch: part('a1', 'a1_.', 3),
})

describe('for any keys', () => {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch {
      return undefined
    }
  }

  it('no two share a file or a record', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b))
        const paths = [a, b].map((k) => attempt(() => artifactPath(k)))
        fc.pre(paths.every((path) => path !== undefined))
        expect(paths[0]).not.toBe(paths[1])
        expect(recordName(a).toLowerCase()).not.toBe(recordName(b).toLowerCase())
      }),
      { numRuns: 1000 },
    )
  })

  it('from outside, whatever passes stays below the root and fits the filesystem', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 130, unit: 'binary' }),
      fc.constantFrom('..', '.', '/', '', 'a/../..', 'A'.repeat(128), '1'.repeat(100), 'x64'),
      fc.stringMatching(/^[A-Za-z0-9.~+_@-]{0,128}$/),
    )
    fc.assert(
      fc.property(
        text,
        text,
        text,
        text,
        fc.option(text, { nil: undefined }),
        (name, version, platform, arch, kept) => {
          const path = attempt(() => artifactPath({ name, version, platform, arch }, kept))
          if (path === undefined) return
          expect(normalize(join('/store', path))).toBe(`/store/${path}`)
          const names = [...path.split('/'), recordName({ name, version, platform, arch })]
          // room for what is put before and behind while a file is written
          for (const segment of names) expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(220)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('the name of a record', () => {
  it.each([
    [linux('containerd', '2.1.0'), 'containerd@2.1.0@linux@amd64.json'],
    [linux('C++', '1.0-RC'), '!c++@1.0-!r!c@linux@amd64.json'],
    [linux('c++', '1.0-rc'), 'c++@1.0-rc@linux@amd64.json'],
  ])('%j', (of, expected) => {
    expect(recordName(of)).toBe(expected)
  })
})
