import { describe, expect, it } from 'vitest'
import { androidPieces, androidVersion, cleanVersions } from '../../src/report/versions.ts'

describe('versions in what reports say', () => {
  it.each([
    ['1.24.5', '1.24.5'],
    ['', ''],
    ['25.5.1 (pre-installed on the image but not added to PATH)', '25.5.1'],
    ['25.1.1 (python 3.9)', '25.1.1'],
    ['Packer 1.8.5', '1.8.5'],
    ['Packer v1.10.0', '1.10.0'],
    ['v0.40.3', '0.40.3'],
    ['2.12.5 2.12.6', '2.12.5 2.12.6'],
    ['2.12.5, 2.12.6', '2.12.5 2.12.6'],
    ['2.1.1 2.1.1', '2.1.1'],
    ['(build from commit 4887ad6d14)', ''],
    ['2023 (build from commit 16ee2ecb3)', '2023'],
    ['7.5.0.zip', '7.5.0'],
    ['10.21.1 INFO: azcopy.exe 10.21.1: A newer version 10.21.2 is available to download', '10.21.1'],
    ['5.2.37(1)-release', '5.2.37'],
    ['2.2.20-release-333', '2.2.20'],
    ['10.30.1 - available by `azcopy` and `azcopy10` aliases', '10.30.1'],
    ['(Homebrew GCC 11.4.0) - available by `gcc-11` alias', '11.4.0'],
    ['15.0.7 - available on `$(brew --prefix llvm@15)/bin/clang`', '15.0.7'],
    ['16.6 (18615.3.12.11.2)', '16.6'],
    ['1.1.1w  11 Sep 2023', '1.1.1w'],
    ['3.6.2 7 Apr 2026 (Library: OpenSSL 3.6.2 7 Apr 2026)', '3.6.2'],
    ['17.0.15+6 (default)', '17.0.15+6'],
    ['5.1.1 (Default)', '5.1.1'],
    ['16.0 (beta) (default)', '16.0'],
    ['3.9.19 [PyPy 7.3.16]', '3.9.19'],
    ['16.10.1.31701 (Mono 6.12.0.200)', '16.10.1.31701'],
    ['25.3 (Eshell 13.2)', '25.3'],
    ['4.6.1 (x86_64, emulated)', '4.6.1'],
    ['3.8.118+69b3e0b5a0', '3.8.118+69b3e0b5a0'],
    ['2.50.1.windows.1', '2.50.1.windows.1'],
    ['7.1.2-0', '7.1.2-0'],
    ['3.0.6p216', '3.0.6p216'],
    ['6.1.38r153438', '6.1.38r153438'],
    ['1.7-dirty', '1.7-dirty'],
    ['1:1.16.5-1.3ubuntu1', '1:1.16.5-1.3ubuntu1'],
    ['0\\~20200916-1\\~ubuntu20.04.1', '0~20200916-1~ubuntu20.04.1'],
    ['2024a-0ubuntu0.20.04', '2024a-0ubuntu0.20.04'],
    ['10.0.26100 Build 4656', '10.0.26100'],
    ['macOS 13.6.1 (22G313)', '13.6.1'],
    ['Darwin 22.6.0', '22.6.0'],
    ['24.04.3 LTS', '24.04.3'],
    ['Build 7', '7'],
    ['49', '49'],
    ['Enabled', ''],
    ['N/A', ''],
    ['((((', ''],
  ])('%j: %s', (raw, versions) => {
    expect(cleanVersions(raw).join(' ')).toBe(versions)
  })

  it('ends with long texts', () => {
    expect(cleanVersions(`${'('.repeat(300_000)}1.0`)).toEqual(['1.0'])
    expect(cleanVersions(`${'1.'.repeat(300_000)} x`)).toHaveLength(1)
    expect(cleanVersions(`1.0${','.repeat(300_000)}x`)).toHaveLength(1)
  })
})

describe('cells of the Android table', () => {
  it.each([
    ['Android SDK Build-tools', '36.0.0 36.1.0<br>35.0.0', ['36.0.0', '36.1.0', '35.0.0']],
    [
      'Android SDK Platforms',
      'android-36 (rev 2)<br/>android-35-ext15 (rev 1)',
      ['android-36', 'android-35-ext15'],
    ],
    ['NDK', '26.3.11579264<BR />27.3.13750724 (default)', ['26.3.11579264', '27.3.13750724']],
    ['CMake', '<br>3.31.5<br>', ['3.31.5']],
    ['Google APIs', '', []],
  ])('%s %j', (name, cell, versions) => {
    expect(androidPieces(name, cell).map(androidVersion)).toEqual(versions)
  })

  it('keep the revision in the raw text', () => {
    expect(androidPieces('Android SDK Platforms', 'android-36 (rev 2)<br>x')).toEqual([
      'android-36 (rev 2)',
      'x',
    ])
  })
})
