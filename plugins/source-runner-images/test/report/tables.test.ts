import { describe, expect, it } from 'vitest'
import { brief, faults, header, image, table } from './kit.ts'

describe('tables by their columns', () => {
  it.each<[columns: string, rows: string[], entries: string[]]>([
    ['Name|Value', ['CONDA|C:\\Miniconda'], ['env CONDA –']],
    ['Name|Target', ['gitbash.exe|C:\\Program Files\\Git\\bin\\bash.exe'], ['shell gitbash.exe –']],
    [
      'Property|Value',
      ['ServiceName|postgresql-x64-17', 'Version|17.5', 'Password|root'],
      ['property ServiceName –', 'table-tool Section 17.5', 'property Password –'],
    ],
    ['Property|Value', ['Password|root'], ['table-tool Section –', 'property Password –']],
    [
      'Version|Environment Variable',
      [
        '8.0.452+9 (default)|JAVA_HOME_8_X64',
        '21.0.7|JAVA_HOME_21_arm64',
        '21.0.7|JAVA_HOME_21_AARCH64',
        '7|other',
      ],
      [
        'java Section 8.0.452+9 x64',
        'java Section 21.0.7 arm64',
        'java Section 21.0.7 arm64',
        'java Section 7',
      ],
    ],
    [
      'Version|Vendor|Environment Variables',
      ['19.0.2|Temurin|JAVA_HOME_19_X64'],
      ['java Section 19.0.2 x64'],
    ],
    ['Version|Environment variables', ['CE 22.3.1|GRAALVM_11_ROOT'], ['java Section 22.3.1']],
    ['Version|ServiceName|ServiceStatus', ['7.0.21.0|MongoDB|Stopped'], ['table-tool Section 7.0.21.0']],
    ['Version|Build|Path|Symlinks', ['16.4 (default)|16F6|/a|/b<br>/c'], ['table-tool Section 16.4']],
    [
      'Name|Architecture|Version',
      ['Microsoft Visual C++ 2013|X64|12.0.4'],
      ['table-tool Microsoft Visual C++ 2013 12.0.4 x64'],
    ],
    ['Name|Version', ['apache2|2.4.58'], ['table-tool apache2 2.4.58']],
    ['Name|Version|ConfigFile|ListenPort', ['nginx|1.24.0|/etc/nginx.conf|80'], ['table-tool nginx 1.24.0']],
    ['package | VERSION', ['Component.OpenJDK|17.14.36'], ['vs-component Component.OpenJDK 17.14.36']],
    [
      'Package Name|Version',
      ['Android SDK Build-tools|36.0.0 36.1.0<br>35.0.0', 'CMake|3.31.5'],
      [
        'android Android SDK Build-tools 36.0.0',
        'android Android SDK Build-tools 36.1.0',
        'android Android SDK Build-tools 35.0.0',
        'android CMake 3.31.5',
      ],
    ],
    [
      'Repository:Tag|Digest|Created',
      ['node:20-alpine|sha256:ec0c |2024-04-11', 'localhost:5000/a/b|<none>|x', 'host:5000/a:1|sha256:AB|x'],
      ['docker-image node 20-alpine', 'docker-image localhost:5000/a/b –', 'docker-image host:5000/a 1'],
    ],
    ['SDK|SDK Name|Xcode Version', ['macOS 15.0|macosx15.0|16.0'], ['property macOS 15.0 –']],
    ['Name|OS|Simulators', ['iOS 18.5|18.5|iPhone 16<br>iPad'], ['property iOS 18.5 –']],
    ['OS|Xcode Version|Simulators', ['iOS 16.1|14.1|iPhone'], ['property iOS 16.1 –']],
    ['OS|Simulators', ['iOS 16.1|iPhone'], ['property iOS 16.1 –']],
    ['symlink|Xamarin.Mono|Xamarin.iOS', ['6_12_25|6.12|16.4'], ['property 6_12_25 –']],
  ])('%s %j', (columns, rows, entries) => {
    const report = image('1', header('Section:', table(columns, ...rows)))
    expect(faults(report)).toEqual([])
    expect(brief(report).slice(2)).toEqual(entries)
  })

  it('tells the major of a JDK by its variable, GraalVM’s too', () => {
    const rows = ['17.0.15+6|JAVA_HOME_17_X64', 'CE 22.3.1|GRAALVM_11_ROOT', '7|other']
    const report = image('1', header('Java', table('Version|Environment Variable', ...rows)))
    const jdks = report.entries.filter((entry) => entry.class === 'java')
    expect(jdks.map(({ major, arch }) => [major, arch])).toEqual([
      ['17', 'x64'],
      ['11', undefined],
      [undefined, undefined],
    ])
  })

  it.each(['A|B', 'Name', 'Value|Name', 'Version', 'Version|Path', 'Name|Value|Version', 'Package|Size', ''])(
    '%j are not known',
    (columns) => {
      const report = image('1', header('Cached Tools', table(columns, 'a|b')))
      expect(brief(report)).toHaveLength(2)
      expect(faults(report).at(-1)).toBe(
        `E_SOFTWARE_REPORT r.json $.Children[2].Children[0].Children: there is no table with the columns ${JSON.stringify(columns)}`,
      )
    },
  )

  it('of apt packages are told by their section', () => {
    const report = image('1', header('Installed apt packages', table('Name|Version', 'acl|2.3.2-1build1.1')))
    expect(brief(report).slice(2)).toEqual(['apt acl 2.3.2-1build1.1'])
  })

  it('keep what a row says, the major of a JDK and the digest of an image', () => {
    const { entries } = image(
      '1',
      header('Java', table('Version|Environment Variable', '17.0.15+6 (default)|JAVA_HOME_17_X64')),
      header('Images', table('Repository:Tag|Digest|Created', 'node:20|sha256:EC0c |2024-04-11')),
      header('Xcode', table('SDK|SDK Name|Xcode Version', 'macOS 15.0|macosx15.0|16.0, 16.1')),
      header('PostgreSQL', table('Property|Value', 'Version|17.5 ')),
    )
    expect(entries.slice(2)).toMatchObject([
      { raw: '17.0.15+6 (default)', major: '17', arch: 'x64' },
      { raw: 'node:20', digest: 'sha256:ec0c' },
      { raw: 'macosx15.0|16.0, 16.1' },
      { name: 'PostgreSQL', raw: '17.5 ', version: '17.5' },
    ])
  })
})
