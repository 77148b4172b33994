import { describe, expect, it } from 'vitest'
import type { Documents } from '../../src/documents.ts'
import { matchRows } from '../../src/match/rows.ts'
import { readReport } from '../../src/report/read.ts'
import { readToolset } from '../../src/toolset/read.ts'

const nobody: Documents = {
  json: () => Promise.reject(new Error('nobody is to be asked')),
  made: () => Promise.reject(new Error('nobody is to be asked')),
  index: () => Promise.reject(new Error('nobody is to be asked')),
}

const header = (Title: string, ...Children: unknown[]) => ({ NodeType: 'HeaderNode', Title, Children })
const tool = (ToolName: string, Version: string) => ({ NodeType: 'ToolVersionNode', ToolName, Version })
const list = (ToolName: string, ...Versions: string[]) => ({
  NodeType: 'ToolVersionsListNode',
  ToolName,
  Versions,
  MajorVersionRegex: '^\\d+',
  ListType: 'Inline',
})
const table = (Headers: string, ...Rows: string[]) => ({ NodeType: 'TableNode', Headers, Rows })

async function matched(root: unknown, toolset: unknown) {
  const at = (place: string, value: unknown) => ({ place, value, fetchedAt: '2025-07-20T00:00:00Z' })
  const { rows, faults } = await matchRows({
    report: readReport(at('report.json', root)),
    toolsets: [readToolset(at('toolset.json', toolset))],
    documents: nobody,
  })
  const lines = rows.map(({ tool: asked, requested = '', status, reportName = '-', version, downloadUrl }) =>
    [asked, requested, status, reportName, version, downloadUrl?.split('/').at(-1)].filter(Boolean).join(' '),
  )
  return { lines, faults: faults.map(({ message }) => message) }
}

const MACOS = header(
  'macOS 15',
  tool('Image Version:', '20260527.0100.1'),
  header(
    'Installed Software',
    header(
      'Language and Runtime',
      tool('Clang/LLVM', '17.0.0'),
      tool('Clang/LLVM (Homebrew)', '18.1.8 - available on `$(brew --prefix llvm@18)/bin/clang`'),
      tool('GCC 13', '(Homebrew GCC 13.4.0) - available by `gcc-13` alias'),
      tool('Ruby', '3.3.11'),
    ),
    header('Package Management', tool('CocoaPods', '1.16.2')),
    header('Project Management', tool('Apache Ant', '1.10.17')),
    header(
      'Utilities',
      tool('7-Zip', '17.05'),
      tool('GNU Tar', "1.35 - available by 'gtar' alias"),
      tool('gpg (GnuPG)', '2.5.20'),
      tool('GitHub CLI', '2.92.0'),
    ),
    header(
      'PowerShell Tools',
      tool('PowerShell', '7.4.16'),
      header('PowerShell Modules', list('Az', '12.5.0')),
    ),
    header(
      'Xcode',
      table(
        'Version|Build|Path|Symlinks',
        '26.0 (beta)|17A5241e|/Applications/Xcode_26_beta.app|/Applications/Xcode_26.0.app',
        '16.4 (default)|16F6|/Applications/Xcode_16.4.app|/Applications/Xcode.app',
      ),
    ),
  ),
)

const WINDOWS = header(
  'Windows Server 2022',
  tool('Image Version:', '20250203.1.0'),
  header(
    'Installed Software',
    header('Language and Runtime', tool('Perl', '5.32.1')),
    header(
      'Tools',
      tool('Docker', '26.1.3'),
      tool('gcc', '12.2.0'),
      tool('InnoSetup', '6.4.0'),
      tool('jq', '1.7-dirty'),
      tool('NSIS', '3.10'),
      tool('OpenSSL', '1.1.1w'),
      tool('Packer', 'Packer v1.10.0'),
    ),
    header(
      'Databases',
      header('MongoDB', table('Version|ServiceName|ServiceStatus', '5.0.31.0|MongoDB|Stopped')),
    ),
    header(
      'Cached Docker images',
      table('Repository:Tag|Digest|Created', `a/b:ltsc2022|sha256:${'ab'.repeat(32)} |2025-01-12`),
    ),
  ),
)

describe('names and versions as other images write them', () => {
  it('macOS', async () => {
    const toolset = {
      xcode: {
        arm64: {
          versions: [{ version: '26.0.0-Beta+17A5241e' }, { version: '16.4.0+16F6' }, { version: '16.3' }],
        },
      },
      powershellModules: [{ name: 'Az', versions: ['12.5.0'] }],
      brew: { common_packages: ['ant', 'gh', 'gnu-tar', 'gnupg', 'p7zip'] },
      gcc: { versions: ['13', '14'] },
      ruby: { default: '3.3', rubygems: ['cocoapods'] },
      llvm: { version: '18' },
      pwsh: { version: '7.4' },
    }
    expect(await matched(MACOS, toolset)).toEqual({
      lines: [
        'Xcode 26.0.0-Beta+17A5241e not-downloadable Xcode 26.0',
        'Xcode 16.4.0+16F6 not-downloadable Xcode 16.4',
        'Xcode 16.3 not-downloadable Xcode unknown',
        'Az 12.5.0 matched Az 12.5.0 12.5.0',
        'ant * matched Apache Ant 1.10.17',
        'gh * matched GitHub CLI 2.92.0',
        'gnu-tar * matched GNU Tar 1.35',
        'gnupg * matched gpg (GnuPG) 2.5.20',
        'p7zip * matched 7-Zip 17.05',
        'gcc 13 matched GCC 13 13.4.0',
        'gcc 14 not-in-report - unknown',
        'ruby 3.3 matched Ruby 3.3.11',
        'cocoapods * matched CocoaPods 1.16.2',
        'llvm 18 matched Clang/LLVM (Homebrew) 18.1.8',
        'pwsh 7.4 matched PowerShell 7.4.16 powershell-7.4.16-osx-x64.pkg',
        'Clang/LLVM report-only Clang/LLVM 17.0.0',
      ],
      faults: [],
    })
  })

  it('Windows 2022', async () => {
    const toolset = {
      windowsFeatures: [],
      mingw: { version: '12.2.0' },
      docker: { images: ['a/b:ltsc2022', 'a/b:ltsc2019'], components: { docker: '26.1.3' } },
      choco: {
        common_packages: [
          { name: 'innosetup' },
          { name: 'jq' },
          { name: 'packer' },
          { name: 'strawberryperl', args: ['--version', '5.32.1.1'] },
        ],
      },
      mongodb: { version: '5.0' },
      nsis: { version: '3.10' },
      openssl: { version: '1.1.1' },
      kotlin: { version: 'latest' },
    }
    expect(await matched(WINDOWS, toolset)).toEqual({
      lines: [
        'mingw 12.2.0 matched gcc 12.2.0',
        'a/b:ltsc2022 ltsc2022 matched a/b ltsc2022',
        'a/b:ltsc2019 ltsc2019 version-mismatch a/b unknown',
        'docker 26.1.3 matched Docker 26.1.3 docker-26.1.3.zip',
        'innosetup * matched InnoSetup 6.4.0',
        'jq * matched jq 1.7-dirty',
        'packer * matched Packer 1.10.0 packer_1.10.0_windows_amd64.zip',
        'strawberryperl 5.32.1.1 matched Perl 5.32.1',
        'mongodb 5.0 matched MongoDB 5.0.31 mongodb-windows-x86_64-5.0.31-signed.msi',
        'nsis 3.10 matched NSIS 3.10',
        'openssl 1.1.1 matched OpenSSL 1.1.1w Win64OpenSSL-1_1_1w.exe',
        'kotlin latest not-in-report - unknown',
      ],
      faults: [],
    })
  })

  it('macOS 11, and Windows 2019 with a Ruby that tells its patch level', async () => {
    const old = header(
      'macOS 11',
      header(
        'Installed Software',
        header(
          'Language and Runtime',
          tool('Ruby', '2.7.7p221'),
          list('NVM - Cached node versions', '14.21.2', '16.19.0'),
        ),
        header(
          'Visual Studio for Mac',
          table('Version|Build|Path', '2019|8.10.25.2|/a', '2022 (default)|17.4.4.12|/b'),
        ),
        header('Xcode Support Tools', tool('xcversion', '2.8.1')),
      ),
    )
    const toolset = {
      xcode: { versions: [] },
      xamarin: { vsmac: { versions: ['2019', 'latest'] } },
      ruby: { default: '2.7', rubygems: ['xcode-install'] },
      node: { default: '16', nvm_versions: ['14'] },
    }
    const { lines } = await matched(old, toolset)
    expect(lines.filter((line) => !line.startsWith('node 16'))).toEqual([
      'vsmac 2019 matched Visual Studio for Mac 2019',
      'vsmac latest matched Visual Studio for Mac 2022',
      'ruby 2.7 matched Ruby 2.7.7p221',
      'xcode-install * matched xcversion 2.8.1',
      'node 14 matched NVM - Cached node versions 14.21.2',
      'NVM - Cached node versions report-only NVM - Cached node versions 16.19.0',
    ])
    const windows = header('Windows Server 2019', header('Language and Runtime', tool('Ruby', '2.5.9p229')))
    const [, asked] = (
      await matched(windows, {
        toolcache: [{ name: 'Ruby', platform: 'win32', arch: 'x64', versions: ['2.5'], default: '2.5' }],
      })
    ).lines
    expect(asked).toBe('Ruby 2.5 matched Ruby 2.5.9')
  })
})
