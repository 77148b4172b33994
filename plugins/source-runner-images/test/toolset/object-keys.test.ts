import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../src/toolcache/layouts.ts'
import { readToolset } from '../../src/toolset/read.ts'
import { itReads } from './cases.ts'

const MANIFEST = 'https://tools.example.org/versions-manifest.json'

describe('names that every object has are names like any other', () => {
  itReads([
    {
      says: 'a tool without an index',
      section: 'toolcache',
      image: 'ubuntu',
      value: [{ name: 'constructor', arch: 'x64', versions: ['1.*'] }],
      rows: [
        'toolcache constructor (constructor) 1.* linux/x64 | cached-tool constructor fits | unknown: no index of constructor is known',
      ],
      faults: ['$.toolcache[0]: is constructor, for which no index is known'],
    },
    {
      says: 'a tool with an index, an arch and a platform',
      section: 'toolcache',
      image: 'ubuntu',
      value: [
        { name: 'toString', arch: 'x64', url: MANIFEST, versions: ['1.*'] },
        { name: 'go', arch: 'constructor', versions: ['1.*'] },
        { name: 'go', arch: 'x64', platform: 'valueOf', versions: ['1.*'] },
      ],
      rows: [
        'toolcache toString (toString) 1.* linux/x64 | cached-tool toString fits | versions-manifest toString 1.*',
        'toolcache go (go) 1.* linux/constructor | cached-tool Go < Cached Tools fits | unknown: no index is known to have files for linux/constructor',
        'toolcache go (go) 1.* valueOf/x64 | cached-tool Go < Cached Tools fits | unknown: no index is known to have files for valueOf/x64',
      ],
      faults: [
        '$.toolcache[1]: is for linux/constructor, which no index is known to have files for',
        '$.toolcache[2]: is for valueOf/x64, which no index is known to have files for',
      ],
    },
    {
      says: 'a package of Chocolatey',
      section: 'choco',
      image: 'windows',
      value: { common_packages: [{ name: 'constructor' }] },
      rows: [
        'choco constructor * win32/x64 | tool constructor newest | package-manager Chocolatey brings it, not a URL of its own',
      ],
    },
    {
      says: 'a package of npm',
      section: 'npm',
      image: 'windows',
      value: { global_packages: [{ name: 'constructor' }] },
      rows: [
        'npm constructor * win32/x64 | tool constructor newest | package-manager npm brings it, not a URL of its own',
      ],
    },
    {
      says: 'a package of pipx',
      section: 'pipx',
      image: 'ubuntu',
      value: [{ package: 'constructor', cmd: 'constructor --version' }],
      rows: [
        'pipx constructor * linux/x64 | tool constructor newest | package-manager pipx brings it, not a URL of its own',
      ],
    },
    {
      says: 'a formula of Homebrew',
      section: 'brew',
      image: 'macos',
      value: { common_packages: ['constructor'] },
      rows: [
        'brew constructor * darwin/arm64 | tool constructor newest | package-manager Homebrew brings it, not a URL of its own',
      ],
    },
    {
      says: 'a gem',
      section: 'rubygems',
      image: 'ubuntu',
      value: [{ name: 'constructor' }],
      rows: [
        'rubygems constructor * linux/x64 | tool constructor newest | package-manager RubyGems brings it, not a URL of its own',
      ],
    },
    {
      says: 'an extra of Android',
      section: 'android',
      image: 'ubuntu',
      value: { extra_list: ['constructor'] },
      rows: [
        'android constructor * linux/x64 | unlisted | package-manager sdkmanager brings it, not a URL of its own',
      ],
    },
  ])

  it('a platform that is none does not tell the system', () => {
    const value = { toolcache: [{ name: 'go', arch: 'x64', platform: 'toString', versions: ['1.*'] }] }
    const place = 'images/ubuntu/toolset-2404.json'
    expect(readToolset({ place, value, fetchedAt: '' }).image.platform).toBe('linux')
  })

  it('the folder of a tool', () => {
    expect(layoutOf('constructor').folder).toBe('constructor')
  })
})
