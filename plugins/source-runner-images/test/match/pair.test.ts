import { describe, expect, it } from 'vitest'
import { otherImage, reportFor } from '../../src/match/pair.ts'
import type { SoftwareReport } from '../../src/report/types.ts'
import type { Toolset } from '../../src/toolset/read.ts'
import type { ToolsetImage } from '../../src/toolset/section.ts'

type Platform = ToolsetImage['platform']

function report(
  name: string,
  platform: Platform | null,
  arch: 'x64' | 'arm64' | null = null,
): SoftwareReport {
  const root = { kind: 'header', title: name, children: [], path: '$' } as const
  return {
    file: `${name}.json`,
    image: { name, version: null, platform, arch },
    root,
    entries: [],
    faults: [],
  }
}

const toolset = (file: string, platform: Platform): Toolset => ({
  file,
  image: { platform, arch: 'x64' },
  wanted: [],
  faults: [],
})

const REPORTS = [
  report('Ubuntu 22.04', 'linux'),
  report('Ubuntu 24.04', 'linux'),
  report('Windows Server 2022', 'win32'),
  report('Windows Server 2025', 'win32'),
  report('macOS 14', 'darwin'),
]

describe('the report that goes with a toolset', () => {
  it.each([
    ['images/ubuntu/toolsets/toolset-2404.json', 'linux', 'Ubuntu 24.04'],
    ['images/ubuntu/toolsets/toolset-2204.json', 'linux', 'Ubuntu 22.04'],
    ['images/windows/toolsets/toolset-2025.json', 'win32', 'Windows Server 2025'],
    ['C:\\images\\toolset-2022.json', 'win32', 'Windows Server 2022'],
    ['https://host/2025/toolset-14.json', 'darwin', 'macOS 14'],
    ['toolset-15.json', 'darwin', 'macOS 14'],
    ['mine.json', 'linux', 'Ubuntu 22.04'],
  ] as const)('of %s', (file, platform, name) => {
    expect(reportFor(toolset(file, platform), REPORTS)?.image.name).toBe(name)
  })

  it('is none, where none is of its system', () => {
    expect(reportFor(toolset('t.json', 'darwin'), REPORTS.slice(0, 4))).toBeUndefined()
  })
})

describe('a report says nothing of a row', () => {
  const mac = { image: { platform: 'darwin', arch: 'x64' } } as const
  it.each([
    [
      'of another system',
      'x64',
      report('Ubuntu 24.04', 'linux'),
      'the report is of Ubuntu 24.04, another system',
    ],
    [
      'of another machine',
      'x64',
      report('macOS 15', 'darwin', 'arm64'),
      'the report is of an image for arm64',
    ],
    ['of its own', 'arm64', report('macOS 15', 'darwin', 'arm64'), undefined],
    ['whose machine is not known', 'x64', report('macOS 15', 'darwin'), undefined],
    ['whose system is not known', 'x64', report('My image', null, 'x64'), undefined],
    ['of 32 bits', 'x86', report('macOS 15', 'darwin', 'x64'), undefined],
  ])('%s', (_, arch, of, why) => {
    expect(otherImage(mac, { arch }, of)).toBe(why)
  })
})
