import { describe, expect, it } from 'vitest'
import { fits } from '../../src/resolvers/spec.ts'
import { SECTIONS } from '../../src/toolset/sections/index.ts'
import { type IMAGES, readSection } from './rows.ts'

interface Case {
  readonly section: string
  readonly image: keyof typeof IMAGES
  readonly value: unknown
  readonly listed: string
  readonly version: string
}

const VERSION = { version: '1' }
const ANDROID = { platform_min_version: '34' }
const XCODE = { versions: ['16'] }

const CASES: readonly Case[] = [
  { section: 'kotlin', image: 'ubuntu', value: VERSION, listed: '2.2.20-release-333', version: '2.2.20' },
  { section: 'kotlin', image: 'windows', value: VERSION, listed: '2.2.0', version: '2.2.0' },
  { section: 'mysql', image: 'windows', value: VERSION, listed: '8.0.42.0', version: '8.0.42' },
  { section: 'mysql', image: 'ubuntu', value: VERSION, listed: '8.0.43-0ubuntu0.24.04.2', version: '8.0.43' },
  { section: 'mysql', image: 'windows', value: VERSION, listed: '9.0', version: '9.0' },
  { section: 'mongodb', image: 'windows', value: VERSION, listed: '7.0.21.0', version: '7.0.21' },
  {
    section: 'azureModules',
    image: 'windows',
    value: [{ name: 'az' }],
    listed: '7.5.0.zip',
    version: '7.5.0',
  },
  { section: 'android', image: 'windows', value: ANDROID, listed: 'android-34-ext8', version: '34' },
  { section: 'android', image: 'windows', value: ANDROID, listed: 'android-36.1', version: '36.1' },
  {
    section: 'android',
    image: 'windows',
    value: ANDROID,
    listed: 'android-Baklava',
    version: 'android-Baklava',
  },
  { section: 'xcode', image: 'macos', value: XCODE, listed: '16', version: '16.0' },
  { section: 'xcode', image: 'macos', value: XCODE, listed: '16.4.0', version: '16.4' },
  { section: 'xcode', image: 'macos', value: XCODE, listed: '15.0.1', version: '15.0.1' },
  {
    section: 'dotnet',
    image: 'windows',
    value: { tools: [{ name: 'nbgv' }] },
    listed: '3.7.115+d31f50f4d1',
    version: '3.7.115',
  },
]

describe("the project's version of what a report shows", () => {
  it.each(CASES)('$section: $listed is $version', ({ section: key, image, value, listed, version }) => {
    const section = SECTIONS.find((one) => one.key === key)
    const rows = section ? readSection(section, value, image).rows : []
    expect(rows.map((row) => row.listing?.version?.(listed))).toEqual([version])
  })

  it.each([
    ['1.1.1', '1.1.1w', true],
    ['1.1', '1.1.1w', true],
    ['1.1.1', '1.1.10', false],
    ['3.9', '3.9rc1', false],
  ])('%s takes %s: %s', (spec, version, expected) => {
    expect(fits(spec, version)).toBe(expected)
  })
})
