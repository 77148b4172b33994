import { describe, expect, it } from 'vitest'
import { Located } from '../../src/located.ts'
import { imageOf } from '../../src/toolset/image.ts'

const place = { file: 't.json', code: 'E_TOOLSET', tell: () => undefined } as const

describe('what a toolset is for', () => {
  it.each([
    ['the platform of its tools', { toolcache: [{}, { platform: 'win64' }] }, 't.json', 'win32'],
    ['its tools before its path', { toolcache: [{ platform: 'darwin' }] }, 'ubuntu/t.json', 'darwin'],
    ['a section of Windows', { windowsFeatures: [] }, 't.json', 'win32'],
    ['a section of Ubuntu', { apt: {} }, 't.json', 'linux'],
    ['a section of macOS', { xcode: {} }, 't.json', 'darwin'],
    ['its path', { java: {} }, 'images/windows/toolsets/toolset-2025.json', 'win32'],
    ['its path on macOS, which has a "win" in "darwin"', { java: {} }, 'darwin/toolset.json', 'darwin'],
    ['a path of Ubuntu', { java: {} }, '/images/ubuntu/toolsets/toolset-2404.json', 'linux 24.04'],
    [
      'a release in its tools',
      { toolcache: [{ platform: 'linux' }, { platform_version: '22.04' }] },
      't-2404.json',
      'linux 22.04',
    ],
    ['nothing', { java: {} }, 't.json', 'undefined'],
  ])('is told by %s', (_, value, file, expected) => {
    const image = imageOf(new Located(value, place), file, {})
    expect([image?.platform, image?.platformVersion].filter(Boolean).join(' ') || 'undefined').toBe(expected)
  })

  it.each([
    ['arm64', [{ arch: 'aarch64' }, { arch: 'arm64' }]],
    ['x64', [{ arch: 'x86' }, { arch: 'x64' }]],
    ['the caller’s where one toolset is for both', [{ arch: { x64: {}, arm64: {} } }, { arch: 'mips' }]],
  ])('is for the machine that its tools are for: %s', (machine, toolcache) => {
    const known = { archs: { win32: machine === 'arm64' ? 'x64' : 'arm64' } } as const
    const value = { windowsFeatures: [], toolcache }
    expect(imageOf(new Located(value, place), 't.json', known)?.arch).toBe(
      machine === 'x64' ? 'x64' : 'arm64',
    )
  })

  it('is told by the caller, where nothing else does', () => {
    const hint = {
      platform: 'linux',
      platformVersion: '24.04',
      archs: { linux: 'arm64', win32: 'x64' },
    } as const
    expect(imageOf(new Located({ java: {} }, place), 't.json', hint)).toEqual({
      platform: 'linux',
      platformVersion: '24.04',
      arch: 'arm64',
    })
    const mac = { toolcache: [{ platform: 'darwin' }] }
    expect(imageOf(new Located(mac, place), 't.json', hint)).toEqual({ platform: 'darwin', arch: 'x64' })
  })
})
