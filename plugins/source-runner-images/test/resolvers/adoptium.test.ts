import { adoptium } from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../upstream.ts'
import { gives, queryFor, refusal } from './support.ts'

const API = 'https://api.adoptium.net/v3/assets'
const GITHUB = 'https://github.com/adoptium'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())
beforeEach(() => void upstream.asked())

const url = (feature: number, tag: string, file: string) =>
  `${GITHUB}/temurin${feature}-binaries/releases/download/${tag}/OpenJDK${feature}U-jdk_${file}`

function binary(os: string, architecture: string, link: string, image_type = 'jdk') {
  const checksum = 'CD'.repeat(32)
  return {
    os,
    architecture,
    image_type,
    jvm_impl: 'hotspot',
    package: { checksum, link, name: 'x', size: 9 },
  }
}

const NEWEST = url(21, 'jdk-21.0.8%2B9', 'x64_windows_hotspot_21.0.8_9.zip')
const OLDER = url(21, 'jdk-21.0.7%2B6', 'x64_windows_hotspot_21.0.7_6.zip')

beforeAll(() => {
  const version = { semver: '21.0.8+9.0.LTS' }
  upstream.serve(`${API}/latest/21/hotspot`, [
    { release_name: 'jdk-22+1-ea-beta', version, binary: binary('windows', 'x64', `${NEWEST}.early`) },
    { release_name: 'jdk-21.0.8+9', version, binary: binary('windows', 'x64', `${NEWEST}.jre`, 'jre') },
    { release_name: 'jdk-21.0.8+9', version, binary: binary('linux', 'x64', `${NEWEST}.linux`) },
    { release_name: 'jdk-21.0.8+9', version, binary: binary('windows', 'x64', NEWEST) },
    { release_name: 'jdk-21.0.8+9', version, binary: binary('mac', 'aarch64', `${NEWEST}.mac`) },
  ])
  upstream.serve(`${API}/version/21.0.7%2B6`, [
    {
      release_name: 'jdk-21.0.7+6',
      binaries: [binary('windows', 'x64', OLDER), binary('linux', 'x64', `${OLDER}.linux`)],
    },
  ])
  upstream.serve(`${API}/version/21.0.6%2B7`, [])
})

describe('adoptium', () => {
  gives(() => upstream, adoptium, 'java', [
    ['win32-x64', '21', {}, [`21.0.8+9 ${NEWEST} index`]],
    ['win32-x64', '21.*', {}, [`21.0.8+9 ${NEWEST} index`]],
    ['darwin-arm64', '21', {}, [`21.0.8+9 ${NEWEST}.mac index`]],
    ['win32-arm64', '21', {}, []],
    ['win32-x64', '21', { version: '21.0.8+9.0' }, [`21.0.8+9 ${NEWEST} index`]],
    ['win32-x64', '21', { version: '21.0.7+6.0' }, [`21.0.7+6 ${OLDER} index`]],
    ['linux-x64', '21', { version: '21.0.7+6' }, [`21.0.7+6 ${OLDER}.linux index`]],
    ['linux-x64', '21.0.7+6', {}, [`21.0.7+6 ${OLDER}.linux index`]],
    ['linux-x64', 'latest', {}, []],
    // what the API does not know, or cannot be asked for, by Adoptium's names of files
    [
      'darwin-arm64',
      '21',
      { version: '21.0.7+6.0' },
      [`21.0.7+6 ${url(21, 'jdk-21.0.7%2B6', 'aarch64_mac_hotspot_21.0.7_6.tar.gz')} template`],
    ],
    [
      'win32-x64',
      '21',
      { version: '21.0.6+7.0' },
      [`21.0.6+7 ${url(21, 'jdk-21.0.6%2B7', 'x64_windows_hotspot_21.0.6_7.zip')} template`],
    ],
    [
      'win32-x64',
      '8',
      { version: '8.0.452+9' },
      [`8.0.452+9 ${url(8, 'jdk8u452-b09', 'x64_windows_hotspot_8u452b09.zip')} template`],
    ],
    [
      'win32-x86',
      '17',
      { version: '17.0.15+6' },
      [`17.0.15+6 ${url(17, 'jdk-17.0.15%2B6', 'x86-32_windows_hotspot_17.0.15_6.zip')} template`],
    ],
    [
      'linux-x64',
      '25',
      { version: '25.0.0+36' },
      [`25+36 ${url(25, 'jdk-25%2B36', 'x64_linux_hotspot_25_36.tar.gz')} template`],
    ],
    [
      'linux-arm64',
      '11',
      { version: '11.0.14+101' },
      [`11.0.14.1+1 ${url(11, 'jdk-11.0.14.1%2B1', 'aarch64_linux_hotspot_11.0.14.1_1.tar.gz')} template`],
    ],
    [
      'linux-x64',
      '17',
      { version: '17.0.9+9.1' },
      [`17.0.9+9.1 ${url(17, 'jdk-17.0.9%2B9.1', 'x64_linux_hotspot_17.0.9_9.1.tar.gz')} template`],
    ],
  ])

  it('asks as the images do, and for the version only when it is not the newest', async () => {
    const exact = (version: string) =>
      adoptium.resolve(queryFor('win32-x64', { tool: 'java', spec: '21', version }), upstream.documents())
    expect(await exact('21.0.8+9.0')).toEqual([
      {
        version: '21.0.8+9',
        url: NEWEST,
        evidence: 'index',
        sha256: 'cd'.repeat(32),
        from: `${API}/latest/21/hotspot`,
        size: 9,
      },
    ])
    expect(upstream.asked()).toEqual([`${API}/latest/21/hotspot`])
    await exact('21.0.7+6.0')
    expect(upstream.asked()).toEqual([`${API}/latest/21/hotspot`, `${API}/version/21.0.7%2B6`])
  })

  it('tells of an API that answers something else', async () => {
    upstream.serve(`${API}/latest/24/hotspot`, { errorMessage: 'no' })
    const query = queryFor('win32-x64', { tool: 'java', spec: '24', version: '24.0.2+12' })
    expect(await refusal(adoptium.resolve(query, upstream.documents()))).toBe(
      `E_VERSION_INDEX ${API}/latest/24/hotspot $: is an object, not a list`,
    )
  })

  it('tells of an API that is away when no version is known', async () => {
    const query = queryFor('win32-x64', { tool: 'java', spec: '23' })
    expect(await refusal(adoptium.resolve(query, upstream.documents()))).toBe(
      `E_NOT_FOUND  ${API}/latest/23/hotspot: 404`,
    )
  })
})
