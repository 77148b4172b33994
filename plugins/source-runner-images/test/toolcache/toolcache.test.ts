import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { find, findAllVersions } from '@actions/tool-cache'
import { findProgram, rawTar, smallTar } from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readTree, type Tool, type ToolWorld, type Tree, toolWorld } from './kit.ts'

let world: ToolWorld

beforeEach(async () => {
  world = await toolWorld()
  vi.stubEnv('RUNNER_TOOL_CACHE', world.toolCache)
  vi.stubEnv('RUNNER_TEMP', join(world.dir, 'temp'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await world.remove()
})

const tool = (name: string, version: string, place: string, file: string, tree: Tool['tree']): Tool => {
  const [platform = '', arch = ''] = place.split('/')
  return { tool: name, version, platform, arch, file, tree }
}
const program = '#!/bin/sh\n'

interface Case {
  readonly says: string
  readonly tool: Tool
  /** What the tool's folder holds. */
  readonly holds: readonly string[]
  /** Name and arch as the setup action looks it up, with specs that must find it. */
  readonly lookup: readonly [name: string, arch: string, ...specs: string[]]
}

const CASES: readonly Case[] = [
  {
    says: 'Python of actions/python-versions: no setup script, three more links',
    tool: tool('Python', '3.12.10', 'linux/x64', 'python-3.12.10-linux-24.04-x64.tar.gz', {
      'setup.sh': 'exit 1\n',
      'bin/python3.12': program,
      'bin/python3': '→ python3.12',
      'lib/python3.12/os.py': 'x',
    }),
    holds: [
      'bin/python → python3.12',
      'bin/python3 → python3.12',
      'bin/python3.12 755',
      'bin/python312 → python3.12',
      'lib/python3.12/os.py 644',
      'python → ./bin/python3.12',
    ],
    lookup: ['Python', 'x64', '3.12.10', '3.12', '3.x', '~3.12.0'],
  },
  {
    says: 'a prerelease of Python; links that are there are left alone',
    tool: tool('Python', '3.14.0-rc.3', 'linux/arm64', 'python.tar.gz', {
      'bin/python3.14': program,
      'bin/python314': '→ python3.14',
      'bin/python': '→ python3.14',
    }),
    holds: [
      'bin/python → python3.14',
      'bin/python3.14 755',
      'bin/python314 → python3.14',
      'python → ./bin/python3.14',
    ],
    lookup: ['Python', 'arm64', '3.14.0-rc.3', '~3.14.0-0'],
  },
  {
    says: 'PyPy of Linux: no folder around it, called after its Python, with its own version in a file',
    tool: tool('PyPy', '3.10.16', 'linux/x64', 'pypy3.10-v7.3.19-linux64.tar.bz2', {
      'pypy3.10-v7.3.19-linux64/bin/pypy3': program,
      'pypy3.10-v7.3.19-linux64/lib/x.py': 'x',
    }),
    holds: [
      'PYPY_VERSION 644',
      'bin/pypy3 755',
      'bin/python → python3',
      'bin/python3 → pypy3',
      'lib/x.py 644',
    ],
    lookup: ['PyPy', 'x64', '3.10.16', '3.10'],
  },
  {
    says: 'PyPy of Windows: x86 is the name of its folder only',
    tool: tool('PyPy', '3.9.19', 'win64/x86', 'pypy3.9-v7.3.16-win64.zip', {
      'pypy3.9-v7.3.16-win64/pypy3.exe': 'MZ',
      'pypy3.9-v7.3.16-win64/Lib/x.py': 'x',
    }),
    holds: ['Lib/x.py 644', 'PYPY_VERSION 644', 'pypy3.exe 644', 'python.exe 644'],
    lookup: ['PyPy', 'x86', '3.9.19', '3.9'],
  },
  {
    says: 'node of actions/node-versions, for Windows a 7z',
    tool: tool('node', '22.17.0', 'win32/x64', 'node-22.17.0-win32-x64.7z', {
      'setup.ps1': 'exit 1',
      'node.exe': 'MZ',
      'node_modules/npm/index.js': 'x',
    }),
    holds: ['node.exe 644', 'node_modules/npm/index.js 644'],
    lookup: ['node', 'x64', '22.17.0', '22.x', '^22.1.0', '22'],
  },
  {
    says: 'Node as macOS writes it',
    tool: tool('Node', '20.19.4', 'darwin/arm64', 'node-20.19.4-darwin-arm64.tar.gz', {
      'setup.sh': 'exit 1',
      'bin/node': program,
    }),
    holds: ['bin/node 755'],
    lookup: ['node', 'arm64', '20.19.4', '20'],
  },
  {
    says: 'node of nodejs.org, with a folder around it',
    tool: tool('node', '18.20.8', 'linux/x64', 'node-v18.20.8-linux-x64.tar.gz', {
      'node-v18.20.8-linux-x64/bin/node': program,
    }),
    holds: ['bin/node 755'],
    lookup: ['node', 'x64', '18'],
  },
  {
    says: 'go of actions/go-versions',
    tool: tool('Go', '1.24.5', 'win32/x64', 'go-1.24.5-win32-x64.zip', {
      'setup.ps1': 'exit 1',
      'bin/go.exe': 'MZ',
      'src/fmt/print.go': 'x',
    }),
    holds: ['bin/go.exe 644', 'src/fmt/print.go 644'],
    lookup: ['go', 'x64', '1.24.5', '1.24', '^1.23.0'],
  },
  {
    says: 'Ruby of RubyInstaller: no folder around it, no documentation',
    tool: tool('Ruby', '3.3.9', 'win32/x64', 'rubyinstaller-3.3.9-1-x64.7z', {
      'rubyinstaller-3.3.9-1-x64/bin/ruby.exe': 'MZ',
      'rubyinstaller-3.3.9-1-x64/share/doc/a.html': 'x',
      'rubyinstaller-3.3.9-1-x64/share/man/a.1': 'x',
    }),
    holds: ['bin/ruby.exe 644', 'share/man/a.1 644'],
    lookup: ['Ruby', 'x64', '3.3.9', '3.3'],
  },
  {
    says: 'Ruby of ruby-builder: its x64 is the folder',
    tool: tool('Ruby', '3.4.6', 'linux/x64', 'ruby-3.4.6-ubuntu-24.04.tar.gz', {
      'x64/bin/ruby': program,
      'x64/lib/x.rb': 'x',
      'x64.complete': '',
    }),
    holds: ['bin/ruby 755', 'lib/x.rb 644'],
    lookup: ['Ruby', 'x64', '3.4.6', '3.x'],
  },
  {
    says: 'CodeQL: its folder stays, and it is pinned',
    tool: tool('CodeQL', '2.22.1', 'linux/x64', 'codeql-bundle.tar.gz', { 'codeql/codeql': program }),
    holds: ['codeql/codeql 755', 'pinned-version 644'],
    lookup: ['CodeQL', 'x64', '2.22.1', '2'],
  },
  {
    says: 'a tool of nobody’s scripts: under its own name, without a setup script',
    tool: tool('zig', 'v0.14.1', 'linux/x64', 'zig.tar.gz', { zig: program, 'setup.sh': 'exit 1' }),
    holds: ['zig 755'],
    lookup: ['zig', 'x64', '0.14.1', '0.14'],
  },
]

const GO = { 'bin/go': program }

describe.skipIf(findProgram('bsdtar') === undefined)('a tool cache', () => {
  it.each(CASES)('$says', async ({ tool: one, holds, lookup: [name, arch, ...specs] }) => {
    const result = await world.run([one])
    expect([result.exitCode, result.errors, world.logged]).toEqual([0, [], []])
    const version = one.version.replace(/^v/, '')
    const folder = join(world.toolCache, name, version, arch)
    expect(await readTree(folder)).toEqual(holds)
    expect(findAllVersions(name, arch)).toEqual([version])
    expect(specs.map((spec) => find(name, spec, arch))).toEqual(specs.map(() => folder))
    // nothing else is left in it
    expect(await readTree(world.toolCache)).toEqual(
      [
        ...holds.map((line) => `${name}/${version}/${arch}/${line}`),
        `${name}/${version}/${arch}.complete 644`,
      ].sort(),
    )
  })

  it.each([
    ['linux64', '3.10.16', '7.3.19'],
    ['linux64', '3.10.14', '7.3.17rc2'],
  ])('knows the version of a PyPy (%s, %s)', async (end, python, pypy) => {
    const top = `pypy3.10-v${pypy}-${end}`
    await world.run([tool('PyPy', python, 'linux/x64', `${top}.tar.gz`, { [`${top}/bin/pypy3`]: program })])
    const file = join(world.toolCache, 'PyPy', python, 'x64', 'PYPY_VERSION')
    // as setup-python's pypyVersionToSemantic has it
    expect(await readFile(file, 'utf8')).toBe(pypy.replace('rc2', '-rc.2'))
  })

  it('takes normalised packages too', async () => {
    const go = { ...tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', GO), normalise: true }
    const { items, exitCode } = await world.run([go])
    expect([exitCode, items.map((item) => item.state !== 'failed' && item.record.type)]).toEqual([
      0,
      ['normalised'],
    ])
    expect(find('go', '1.24', 'x64')).toBe(join(world.toolCache, 'go/1.24.5/x64'))
  })

  it('keeps the times of files: compiled Python files go by them', async () => {
    const python = { 'bin/python3.12': program }
    const one = tool('Python', '3.12.10', 'linux/x64', 'python.tar.gz', smallGz(python))
    await world.run([one])
    const { mtimeMs } = await stat(join(world.toolCache, 'Python/3.12.10/x64/bin/python3.12'))
    expect(mtimeMs).toBe(1_706_933_106_000)
  })

  it('writes nothing when all is there', async () => {
    const go = tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', GO)
    await world.run([go])
    const paths = ['', 'go', 'go/1.24.5', 'go/1.24.5/x64', 'go/1.24.5/x64.complete', 'go/1.24.5/x64/bin/go']
    const long = new Date('2020-01-02T03:04:05Z')
    for (const path of paths) await utimes(join(world.toolCache, path), long, long)
    const { exitCode } = await world.run([go])
    const times = await Promise.all(
      paths.map(async (path) => (await stat(join(world.toolCache, path))).mtime),
    )
    expect([exitCode, times]).toEqual([0, paths.map(() => long)])
  })

  it('replaces another build of the same version, and what pkgcache did not write', async () => {
    const folder = join(world.toolCache, 'go/1.24.5/x64')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'of-somebody'), '')
    await writeFile(`${folder}.complete`, '')
    await world.run([tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', { ...GO, old: 'x' })])
    expect(await readTree(folder)).toEqual(['bin/go 755', 'old 644'])
    await world.run([tool('go', '1.24.5', 'linux/x64', 'go.zip', { ...GO, new: 'x' })])
    expect(await readTree(folder)).toEqual(['bin/go 755', 'new 644'])
    expect(find('go', '1.24.5', 'x64')).toBe(folder)
  })

  it('writes anew what has lost its folder or its marker', async () => {
    const go = tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', GO)
    for (const path of ['go/1.24.5/x64', 'go/1.24.5/x64.complete']) {
      await world.run([go])
      await rm(join(world.toolCache, path), { recursive: true })
      await world.run([go])
      expect(find('go', '1.24.5', 'x64')).toBe(join(world.toolCache, 'go/1.24.5/x64'))
    }
  })

  it('says of an installer what to do with it', async () => {
    const tree = { 'setup.ps1': 'x', 'python-3.12.10-amd64.exe': 'MZ' }
    const pkg = { 'setup.sh': 'x', 'python-3.13.5-macos11.pkg': 'xar!' }
    const { exitCode, errors } = await world.run([
      tool('Python', '3.12.10', 'win32/x64', 'python-3.12.10-win32-x64.zip', tree),
      tool('Python', '3.13.5', 'darwin/arm64', 'python-3.13.5-darwin-arm64.tar.gz', pkg),
    ])
    const zip = join(world.dir, 'store/win32/x64/Python/3.12.10/python-3.12.10-win32-x64.zip')
    const tar = join(world.dir, 'store/darwin/arm64/Python/3.13.5/python-3.13.5-darwin-arm64.tar.gz')
    const said = (what: string, file: string, script: string) =>
      `warn source-runner-images: Python ${what}, so it is not in ${world.toolCache}: on the image, ` +
      `unpack ${file} and run its ${script} with AGENT_TOOLSDIRECTORY set`
    expect([exitCode, errors, await readTree(world.toolCache), world.logged]).toEqual([
      0,
      [],
      [],
      [
        said('3.12.10 x64 is an installer (python-3.12.10-amd64.exe)', zip, 'setup.ps1'),
        said('3.13.5 arm64 is an installer (python-3.13.5-macos11.pkg)', tar, 'setup.sh'),
      ],
    ])
  })

  it('says when the program of a tool is not where it should be', async () => {
    const { exitCode } = await world.run([
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', { 'src/x.go': 'x' }),
    ])
    expect([exitCode, world.logged]).toEqual([
      0,
      ['warn source-runner-images: go 1.24.5 x64 holds no bin/go; jobs may not be able to use it'],
    ])
  })

  it('keeps platforms apart where it is told to', async () => {
    const tools = [
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', GO),
      tool('go', '1.24.5', 'win32/x64', 'go.zip', { 'bin/go.exe': 'MZ' }),
    ]
    const { exitCode } = await world.run(tools, 'tools/{platform}')
    expect([exitCode, await readTree(world.toolCache)]).toEqual([
      0,
      [
        'linux/go/1.24.5/x64.complete 644',
        'linux/go/1.24.5/x64/bin/go 755',
        'win32/go/1.24.5/x64.complete 644',
        'win32/go/1.24.5/x64/bin/go.exe 644',
      ],
    ])
    const together = await world.run(tools, 'together')
    expect([together.exitCode, together.errors.map(({ code, message }) => `${code}: ${message}`)]).toEqual([
      1,
      [
        'E_TOOL_CACHE: go 1.24.5 x64 for win32 belongs where that for linux is written: ' +
          join(world.dir, 'together/go/1.24.5/x64'),
      ],
    ])
  })
})

function smallGz(tree: Tree): Uint8Array {
  return smallTar(Object.entries(tree).map(([path, content]) => ({ path, content, mode: 0o755 })))
}

const evil = (...entries: Parameters<typeof rawTar>[0]) =>
  rawTar([{ name: 'bin/go', content: program, mode: 0o755 }, ...entries])

describe.skipIf(findProgram('bsdtar') === undefined)('what cannot be written', () => {
  const good = tool('node', '22.17.0', 'linux/x64', 'node.tar.gz', { 'bin/node': program })

  it.each<readonly [string, Tool, string]>([
    [
      'a path that leads out',
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', evil({ name: '../../../../evil', content: 'x' })),
      'go 1.24.5 x64 is not in the tool cache: member "../../../../evil" has a path that leads out of the archive',
    ],
    [
      'a link that leads out, and a file behind it',
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', evil({ name: 'out', type: '2', linkName: '../..' })),
      'go 1.24.5 x64 is not in the tool cache: member "out" is a link to "../..", which leads out of the archive',
    ],
    [
      'a device',
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', evil({ name: 'null', type: '3' })),
      'go 1.24.5 x64 is not in the tool cache: member "null" is a character device',
    ],
    [
      'a truncated archive',
      tool('go', '1.24.5', 'linux/x64', 'go.tar.gz', evil().subarray(0, 515)),
      'go 1.24.5 x64 is not in the tool cache: the tar archive ends in the middle of member "bin/go"',
    ],
    [
      'what is no archive',
      tool('go', '1.24.5', 'win32/x64', 'go.exe', Buffer.from('MZ program')),
      'go 1.24.5 x64 is not in the tool cache: no format plugin recognises the download; it starts with "MZ program"',
    ],
    [
      'a version that would never be found',
      tool('go', '1.24', 'linux/x64', 'go.tar.gz', GO),
      'go 1.24 is no semantic version, and would never be found',
    ],
    [
      'a PyPy for another Python',
      tool('PyPy', '3.11.13', 'linux/x64', 'pypy.tar.gz', { 'pypy3.10-v7.3.19-linux64/bin/pypy3': program }),
      'PyPy 3.11.13 x64 is not in the tool cache: which Python this PyPy is: its archive is for 3.10',
    ],
  ])('%s: the others are there', async (_what, bad, message) => {
    const { exitCode, errors } = await world.run([bad, good])
    expect([exitCode, errors.map((error) => [error.code, error.message, error.plugin, error.item])]).toEqual([
      1,
      [
        [
          'E_TOOL_CACHE',
          message,
          'source-runner-images',
          `${bad.tool}@${bad.version} ${bad.platform}/${bad.arch}`,
        ],
      ],
    ])
    expect(await readTree(world.toolCache)).toEqual([
      'node/22.17.0/x64.complete 644',
      'node/22.17.0/x64/bin/node 755',
    ])
    expect(findAllVersions('node', 'x64')).toEqual(['22.17.0'])
  })

  it('tells each of several', async () => {
    const bad = (version: string) => tool('go', version, 'linux/x64', 'go.tar.gz', evil({ name: '/x' }))
    const { exitCode, errors } = await world.run([bad('1.23.1'), good, bad('1.24.1')])
    expect([exitCode, errors.map(({ message }) => message)]).toEqual([
      1,
      ['1.23.1', '1.24.1'].map(
        (version) => `go ${version} x64 is not in the tool cache: member "/x" has an absolute path`,
      ),
    ])
  })

  it('a folder that cannot be', async () => {
    await writeFile(world.toolCache, 'a file')
    const { exitCode, errors } = await world.run([good])
    expect([exitCode, errors.map(({ code }) => code)]).toEqual([1, ['E_TOOL_CACHE']])
  })
})
