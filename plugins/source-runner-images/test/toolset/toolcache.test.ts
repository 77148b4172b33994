import { describe, expect, it } from 'vitest'
import { dotnet } from '../../src/toolset/sections/dotnet.ts'
import { java } from '../../src/toolset/sections/java.ts'
import { node } from '../../src/toolset/sections/node.ts'
import { toolcache } from '../../src/toolset/sections/toolcache.ts'
import { type IMAGES, line, readSection } from './rows.ts'

const MANIFEST = 'https://raw.githubusercontent.com/actions/go-versions/main/versions-manifest.json'

interface Case {
  readonly says: string
  readonly section: typeof toolcache
  readonly image: keyof typeof IMAGES
  readonly value: unknown
  readonly rows: readonly string[]
  readonly faults?: readonly string[]
}

const CASES: readonly Case[] = [
  {
    says: 'a manifest, and the version that is on the path',
    section: toolcache,
    image: 'windows',
    value: [
      {
        name: 'go',
        url: MANIFEST,
        platform: 'win32',
        arch: 'x64',
        versions: ['1.23.*', '1.24.*'],
        default: '1.24.*',
      },
    ],
    rows: [
      'toolcache go 1.23.* win32/x64 ← versions-manifest go 1.23.* win32/x64',
      'toolcache go 1.24.* win32/x64 ← versions-manifest go 1.24.* win32/x64',
      'toolcache.default go 1.24.* win32/x64 ← versions-manifest go 1.24.* win32/x64',
    ],
  },
  {
    says: 'PyPy, whose arch on Windows is a folder’s name only',
    section: toolcache,
    image: 'windows',
    value: [{ name: 'PyPy', arch: 'x86', platform: 'win64', versions: ['3.10'] }],
    rows: ['toolcache PyPy 3.10 win64/x86 ← pypy PyPy 3.10 win32/x64'],
  },
  {
    says: 'Ruby, built by another project on each system',
    section: toolcache,
    image: 'windows',
    value: [{ name: 'Ruby', arch: 'x64', platform: 'win32', versions: ['3.3'] }],
    rows: ['toolcache Ruby 3.3 win32/x64 ← ruby-installer Ruby 3.3 win32/x64'],
  },
  {
    says: 'Ruby on Windows for arm64, whose folder has another name',
    section: toolcache,
    image: 'windows',
    value: [{ name: 'Ruby', arch: 'aarch64', platform: 'win32', versions: ['3.4'] }],
    rows: ['toolcache Ruby 3.4 win32/aarch64 ← ruby-installer Ruby 3.4 win32/arm64'],
  },
  {
    says: 'a release of Linux, and no platform',
    section: toolcache,
    image: 'ubuntu',
    value: [{ name: 'Ruby', arch: 'x64', platform_version: '22.04', versions: ['3.3.*'] }],
    rows: ['toolcache Ruby 3.3.* linux/x64 ← ruby-builder Ruby 3.3.* linux/x64 22.04'],
  },
  {
    says: 'the release of the image, where the entry gives none',
    section: toolcache,
    image: 'ubuntu',
    value: [{ name: 'Python', arch: 'x64', platform: 'linux', versions: ['3.12.*'] }],
    rows: ['toolcache Python 3.12.* linux/x64 ← versions-manifest Python 3.12.* linux/x64 24.04'],
  },
  {
    says: 'arches as an object, and names in capitals',
    section: toolcache,
    image: 'macos',
    value: [
      {
        name: 'Node',
        platform: 'darwin',
        arch: { x64: { versions: ['20.*'] }, arm64: { versions: ['22.*'] } },
      },
    ],
    rows: [
      'toolcache Node (node) 20.* darwin/x64 ← versions-manifest node 20.* darwin/x64',
      'toolcache Node (node) 22.* darwin/arm64 ← versions-manifest node 22.* darwin/arm64',
    ],
  },
  {
    says: 'a tool that is not known, with a manifest of its own',
    section: toolcache,
    image: 'ubuntu',
    value: [
      { name: 'acme', url: 'https://acme.dev/m.json', platform: 'linux', arch: 'x64', versions: ['1.*'] },
    ],
    rows: ['toolcache acme 1.* linux/x64 ← versions-manifest acme 1.* linux/x64 24.04'],
  },
  {
    says: 'what is not understood, and the rest of it',
    section: toolcache,
    image: 'windows',
    value: [
      7,
      { arch: 'x64', versions: [] },
      { name: 'acme', arch: 'x64', versions: ['1'] },
      { name: 'go', arch: 'mips', versions: ['1.24.*'] },
      { name: 'go', arch: 'x64' },
      { name: 'go', arch: 'x64', versions: 'all' },
      { name: 'go', arch: 'x64', versions: [{}, '1.22.*'] },
    ],
    rows: [
      'toolcache acme 1 win32/x64 ← unknown',
      'toolcache go 1.24.* win32/mips ← unknown',
      'toolcache go 1.22.* win32/x64 ← versions-manifest go 1.22.* win32/x64',
    ],
    faults: [
      '$.toolcache[0]: has no name',
      '$.toolcache[1]: has no name',
      '$.toolcache[2]: is acme, for which no index is known',
      '$.toolcache[3]: is for win32/mips, which no index is known to have files for',
      '$.toolcache[4]: has no versions for x64',
      '$.toolcache[5].versions: is a string, not a list',
      '$.toolcache[6].versions[0]: is an object, not a text',
    ],
  },
  {
    says: 'the Node.js that is on the path',
    section: node,
    image: 'windows',
    value: { default: '22.*' },
    rows: ['node.default node (nodejs) 22.* win32/x64 ← nodejs node 22.* win32/x64'],
  },
  {
    says: 'what nvm has on macOS up to 12',
    section: node,
    image: 'macos',
    value: { default: '16', nvm_versions: ['12', '14'] },
    rows: [
      'node.nvm_versions node (nodejs) 12 darwin/arm64 ← elsewhere',
      'node.nvm_versions node (nodejs) 14 darwin/arm64 ← elsewhere',
      'node.default node (nodejs) 16 darwin/arm64 ← nodejs node 16 darwin/arm64',
    ],
  },
  {
    says: 'no Node.js',
    section: node,
    image: 'windows',
    value: {},
    rows: [],
    faults: ['$.node: has no default'],
  },
  {
    says: 'JDKs by their majors',
    section: java,
    image: 'windows',
    value: { default: '17', versions: ['8', '17'] },
    rows: [
      'java.versions Java (temurin-jdk) 8 win32/x64 ← adoptium Java 8 win32/x64',
      'java.versions Java (temurin-jdk) 17 win32/x64 ← adoptium Java 17 win32/x64',
    ],
  },
  {
    says: 'JDKs by arch',
    section: java,
    image: 'macos',
    value: { x64: { versions: ['11'] }, arm64: { versions: [21] } },
    rows: [
      'java.versions Java (temurin-jdk) 11 darwin/x64 ← adoptium Java 11 darwin/x64',
      'java.versions Java (temurin-jdk) 21 darwin/arm64 ← adoptium Java 21 darwin/arm64',
    ],
  },
  {
    says: 'JDKs by vendor, as in 2023',
    section: java,
    image: 'ubuntu',
    value: {
      vendors: [
        { name: 'Eclipse-Temurin', versions: ['8'] },
        { name: 'Acme', versions: ['9'] },
      ],
    },
    rows: [
      'java.versions Java (temurin-jdk) 8 linux/x64 ← adoptium Java 8 linux/x64',
      'java.versions Java (temurin-jdk) 9 linux/x64 ← unknown',
    ],
  },
  {
    says: 'SDKs by channel',
    section: dotnet,
    image: 'windows',
    value: { versions: ['8.0', '9.0'], warmup: false },
    rows: [
      'dotnet.versions .NET SDK (dotnet-sdk) 8.0 win32/x64 ← dotnet dotnet 8.0 win32/x64',
      'dotnet.versions .NET SDK (dotnet-sdk) 9.0 win32/x64 ← dotnet dotnet 9.0 win32/x64',
    ],
  },
  {
    says: 'SDKs by arch',
    section: dotnet,
    image: 'macos',
    value: { arch: { x64: { versions: ['8.0'] }, arm64: { versions: ['9.0'] }, mips: {} } },
    rows: [
      'dotnet.versions .NET SDK (dotnet-sdk) 8.0 darwin/x64 ← dotnet dotnet 8.0 darwin/x64',
      'dotnet.versions .NET SDK (dotnet-sdk) 9.0 darwin/arm64 ← dotnet dotnet 9.0 darwin/arm64',
    ],
    faults: ['$.dotnet.arch.mips: is no arch with versions'],
  },
]

describe('sections of toolsets', () => {
  it.each(CASES)('read $says', ({ section, image, value, rows, faults = [] }) => {
    const read = readSection(section, value, image)
    expect({ rows: read.rows.map(line), faults: read.faults }).toEqual({ rows, faults })
  })
})
