import { rubyBuilder, rubyInstaller } from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../upstream.ts'
import { gives, queryFor, refusal } from './support.ts'

const SETUP_RUBY = 'https://raw.githubusercontent.com/ruby/setup-ruby/master'
const BUILDER = 'https://github.com/ruby/ruby-builder/releases/download'
const INSTALLER = 'https://github.com/oneclick/rubyinstaller2/releases/download'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())

describe('rubyInstaller', () => {
  const at = (release: string, arch = 'x64') =>
    `${INSTALLER}/RubyInstaller-${release}/rubyinstaller-${release}-${arch}.7z`
  beforeAll(() =>
    upstream.serve(`${SETUP_RUBY}/windows-versions.json`, {
      '3.1.7': { x64: at('3.1.7-1') },
      '3.10.0': { x64: at('3.10.0-1') },
      '3.4.3': { x64: at('3.4.3-1') },
      '3.4.4': { x64: at('3.4.4-2'), arm64: at('3.4.4-2', 'arm') },
      '3.5.0-preview1': { x64: at('3.5.0-preview1-1') },
      head: { x64: 'https://example.test/head.7z' },
      ucrt: { x64: 'https://example.test/ucrt.7z' },
    }),
  )
  const newest = `3.4.4 ${at('3.4.4-2')} index`
  gives(() => upstream, rubyInstaller, 'Ruby', [
    ['win32-x64', '3.4', {}, [newest]],
    ['win32-arm64', '3.4', {}, [`3.4.4 ${at('3.4.4-2', 'arm')} index`]],
    ['win32-x64', '3.1', {}, [`3.1.7 ${at('3.1.7-1')} index`]],
    ['win32-arm64', '3.1', {}, []],
    ['win32-x64', '3.5', {}, []],
    ['win32-x64', '3.5.0-preview1', {}, [`3.5.0-preview1 ${at('3.5.0-preview1-1')} index`]],
    ['win32-x64', '*', {}, [`3.10.0 ${at('3.10.0-1')} index`]],
    ['win32-x64', 'head', {}, []],
    ['win32-x64', '3.4', { version: '3.4.3' }, [`3.4.3 ${at('3.4.3-1')} index`]],
    ['win32-x64', '3.4', { version: '3.4.5' }, []],
    ['linux-x64', '3.4', {}, []],
  ])
})

describe('rubyBuilder', () => {
  const linux = { platformVersion: '24.04' }
  const KNOWN = ['3.2.8', '3.2.9', '3.4.5', '3.4.6', '3.5.0-preview1', 'head', 'debug', '3.4-asan']

  describe('while there was one release for all', () => {
    beforeAll(() =>
      upstream.serve(`${SETUP_RUBY}/ruby-builder-versions.json`, { ruby: KNOWN, jruby: ['10.0.0.0'] }),
    )
    const at = (name: string) => `3.2.9 ${BUILDER}/toolcache/ruby-3.2.9-${name}.tar.gz index`
    gives(() => upstream, rubyBuilder, 'Ruby', [
      ['linux-x64', '3.2.*', linux, [at('ubuntu-24.04')]],
      ['linux-x64', '3.2.*', { platformVersion: '22.04' }, [at('ubuntu-22.04')]],
      ['linux-arm64', '3.2.*', linux, [at('ubuntu-24.04-arm64')]],
      ['darwin-x64', '3.2.*', {}, [at('macos-latest')]],
      ['darwin-arm64', '3.2.*', {}, [at('macos-13-arm64')]],
      ['linux-x64', '3.2.*', {}, []],
      ['linux-x64', '3.5.*', linux, []],
      ['linux-x64', '3.4-asan', linux, []],
      ['linux-x86', '3.2.*', linux, []],
      ['win32-x64', '3.2.*', {}, []],
      ['linux-x64', '3.2.*', { ...linux, version: '3.2.7' }, []],
    ])
  })

  describe('since each version has a release', () => {
    const index = 'https://ruby.example/versions.json'
    beforeAll(() => upstream.serve(index, { ruby: [...KNOWN, '3.4.7'] }))
    const at = (version: string, name: string) =>
      `${version} ${BUILDER}/ruby-${version}/ruby-${version}-${name}.tar.gz index`
    gives(() => upstream, rubyBuilder, 'Ruby', [
      ['linux-x64', '3.4.*', { ...linux, index }, [at('3.4.7', 'ubuntu-24.04-x64')]],
      ['linux-x64', '3.2.*', { ...linux, index, version: '3.2.8' }, [at('3.2.8', 'ubuntu-24.04-x64')]],
      ['linux-arm64', '3.4.*', { ...linux, index }, [at('3.4.7', 'ubuntu-24.04-arm64')]],
      ['darwin-x64', '3.4.*', { index }, [at('3.4.7', 'darwin-x64')]],
      ['darwin-arm64', '3.4.*', { index }, [at('3.4.7', 'darwin-arm64')]],
      ['linux-x86', '3.4.*', { ...linux, index }, []],
      ['linux-x64', '3.4.*', { index, platformVersion: '../..' }, []],
      ['win32-x64', '3.4.*', { index }, []],
    ])
  })

  it.each([
    [{ jruby: [] }, '$: has no "ruby"'],
    [{ ruby: ['3.4.6', 3.4] }, '$.ruby[1]: is no version: "3.4"'],
  ])('refuses %j', async (served, message) => {
    const index = 'https://ruby.example/broken.json'
    upstream.serve(index, served)
    const query = queryFor('linux-x64', { tool: 'Ruby', spec: '3.4', index, ...linux })
    expect(await refusal(rubyBuilder.resolve(query, upstream.documents()))).toBe(
      `E_VERSION_INDEX ${index} ${message}`,
    )
  })
})
