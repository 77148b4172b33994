import { versionsManifest } from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../upstream.ts'
import { queryFor, refusal } from './support.ts'

const PYTHON = 'https://raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json'
const OWN = 'https://tools.example/acme/versions-manifest.json'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())

function file(version: string, machine: string, more: object = {}) {
  const [platform, arch, release] = machine.split(' ')
  const filename = `python-${version}-${machine.replaceAll(' ', '-')}.zip`
  return {
    filename,
    platform,
    arch,
    ...(release !== undefined && { platform_version: release }),
    download_url: `https://github.com/actions/python-versions/releases/download/${version}/${filename}`,
    ...more,
  }
}

function entry(version: string, machines: readonly string[], more: object = {}) {
  const release_url = `https://github.com/actions/python-versions/releases/tag/${version}`
  return {
    version,
    stable: !version.includes('-'),
    release_url,
    files: machines.map((name) => file(version, name)),
    ...more,
  }
}

const LINUX = ['linux x64 22.04', 'linux x64 24.04', 'linux arm64 24.04']
const MANIFEST = [
  entry('3.14.0-rc.3', ['win32 x64-freethreaded', 'win32 x64', ...LINUX]),
  entry('3.13.5', ['win32 arm64', 'win32 x64', 'darwin x64', 'darwin arm64', ...LINUX]),
  entry('3.10.18', LINUX),
  entry('3.10.11', ['win32 x64', 'win32 x86', 'darwin x64']),
  // the same version, built twice
  entry('3.9.13', ['win32 x86'], { files: [file('3.9.13', 'win32 x64', { filename: 'second' })] }),
  entry('3.9.13', ['win32 x64']),
  entry('3.1.4', ['win32 x64'], {
    files: [
      file('3.1.4', 'win32 x64', {
        toolset: 'msvc-14.16',
        download_url: 'https://tools.example/toolset.zip',
      }),
      file('3.1.4', 'win32 x64', { sha256: 'AB'.repeat(32), size: 7 }),
    ],
  }),
]

const at = (version: string, machine: string) =>
  `https://github.com/actions/python-versions/releases/download/${version}/python-${version}-${machine}.zip`

describe('versionsManifest', () => {
  /** Machine, spec, the rest of the query, URL. */
  const CASES = [
    ['win32-x64', '3.13.*', {}, at('3.13.5', 'win32-x64')],
    ['win32-x64', '3.10.*', {}, at('3.10.11', 'win32-x64')],
    ['win32-x64', '3.1', {}, at('3.1.4', 'win32-x64')],
    ['win32-x64', '*', {}, at('3.13.5', 'win32-x64')],
    ['win32-x64', '3.14.*', {}, undefined],
    ['win32-x64', '3.14.0-rc.3', {}, at('3.14.0-rc.3', 'win32-x64')],
    ['win32-x86', '3.13.*', {}, undefined],
    ['darwin-arm64', '3.10.*', {}, undefined],
    ['darwin-arm64', '3.13.*', {}, at('3.13.5', 'darwin-arm64')],
    ['linux-x64', '3.10.*', { platformVersion: '24.04' }, at('3.10.18', 'linux-x64-24.04')],
    ['linux-x64', '3.10.*', { platformVersion: '22.04' }, at('3.10.18', 'linux-x64-22.04')],
    ['linux-x64', '3.10.*', { platformVersion: '20.04' }, undefined],
    ['linux-x64', '3.10.*', {}, undefined],
    // the version that a report names counts alone
    ['win32-x64', '3.*', { version: '3.10.11' }, at('3.10.11', 'win32-x64')],
    ['win32-x64', '3.10.*', { version: '3.10.18' }, undefined],
    ['win32-x64', '3.9.*', { version: '3.9.99' }, undefined],
    ['win32-x64', '3.14.*', { version: '3.14.0-rc.3' }, at('3.14.0-rc.3', 'win32-x64')],
  ] as const

  it.each(CASES)('%s %s %j', async (machine, spec, rest, url) => {
    upstream.serve(PYTHON, MANIFEST)
    const query = queryFor(machine, { tool: 'Python', spec, ...rest })
    const found = await versionsManifest.resolve(query, upstream.documents())
    expect(found.map((download) => download.url)).toEqual(url === undefined ? [] : [url])
  })

  it('takes prereleases where they count', async () => {
    upstream.serve(PYTHON, MANIFEST)
    const query = queryFor('win32-x64', { tool: 'python', spec: '3.*' })
    const [newest] = await versionsManifest.resolve(query, upstream.documents(), { prereleases: true })
    expect(newest).toEqual({
      version: '3.14.0-rc.3',
      url: at('3.14.0-rc.3', 'win32-x64'),
      evidence: 'manifest',
    })
  })

  it('passes digest and size on, and leaves out what is built with one toolset', async () => {
    upstream.serve(OWN, MANIFEST)
    const query = queryFor('win32-x64', { tool: 'Acme', spec: '3.1.4', index: OWN })
    expect(await versionsManifest.resolve(query, upstream.documents())).toEqual([
      {
        version: '3.1.4',
        url: at('3.1.4', 'win32-x64'),
        evidence: 'manifest',
        sha256: 'ab'.repeat(32),
        from: OWN,
        size: 7,
      },
    ])
  })

  it('knows no manifest of other tools, and reads each once', async () => {
    upstream.serve(PYTHON, MANIFEST)
    upstream.asked()
    const documents = upstream.documents()
    expect(
      await versionsManifest.resolve(queryFor('win32-x64', { tool: 'constructor', spec: '*' }), documents),
    ).toEqual([])
    for (const spec of ['3.13.*', '3.10.*'])
      await versionsManifest.resolve(queryFor('win32-x64', { tool: 'Python', spec }), documents)
    expect(upstream.asked()).toEqual([PYTHON])
  })

  const bad = (change: object) => [
    entry('3.13.5', ['win32 x64']),
    { ...entry('3.1.4', ['win32 x64']), ...change },
  ]
  const badUrl = (download_url: string) => bad({ files: [{ ...file('3.1.4', 'win32 x64'), download_url }] })
  /** What is served, what is said of it. */
  const FAULTS = [
    [{ message: 'API rate limit exceeded' }, '$: is an object, not a list'],
    ['[{"version": ', 'is no JSON: it ends in the middle, at line 1, column 14'],
    ['<!DOCTYPE html>', 'is no JSON: line 1, column 1: <!DOCTYPE html>'],
    ['[{\n  "version": "3.13.5",\n  "stable": @\n}]', 'is no JSON: line 3, column 13: "stable": @'],
    [bad({ version: undefined }), '$[1]: has no "version"'],
    [bad({ version: '../../etc' }), '$[1].version: is no version: "../../etc"'],
    [bad({ stable: 'yes' }), '$[1].stable: is neither true nor false'],
    [bad({ files: 3 }), '$[1].files: is a number, not a list'],
    [bad({ files: [{ platform: 'win32' }] }), '$[1].files[0]: has no "arch"'],
    [badUrl('file:///etc/passwd'), '$[1].files[0].download_url: is no URL of a file: "file:///etc/passwd"'],
    [badUrl('https://x/*.zip'), '$[1].files[0].download_url: is no URL of a file: "https://x/*.zip"'],
    [
      badUrl('https://x/{version}.zip'),
      '$[1].files[0].download_url: is no URL of a file: "https://x/{version}.zip"',
    ],
    [badUrl('https://a:b@x/a.zip'), '$[1].files[0].download_url: is no URL of a file: "https://a:b@x/a.zip"'],
    [
      badUrl('https://x/a\u001b[31m.zip'),
      '$[1].files[0].download_url: is no URL of a file: "https://x/a\\\\u001b[31m.zip"',
    ],
    [badUrl('https://x/'), '$[1].files[0].download_url: is no URL of a file: "https://x/"'],
    [badUrl('javascript:alert(1)'), '$[1].files[0].download_url: is no URL of a file: "javascript:alert(1)"'],
  ] as const

  it.each(FAULTS.map(([served, message]) => [message, served] as const))(
    'refuses one: %s',
    async (message, served) => {
      upstream.serve(OWN, served)
      const query = queryFor('win32-x64', { tool: 'Python', spec: '3.13.*', index: OWN })
      expect(await refusal(versionsManifest.resolve(query, upstream.documents()))).toBe(
        `E_VERSION_INDEX ${OWN} ${message}`,
      )
    },
  )

  it('tells of a manifest that is not there', async () => {
    const index = 'https://tools.example/gone.json'
    const query = queryFor('win32-x64', { tool: 'Python', spec: '3.13.*', index })
    expect(await refusal(versionsManifest.resolve(query, upstream.documents()))).toBe(
      `E_NOT_FOUND  ${index}: 404`,
    )
  })
})
