import { describe, expect, it } from 'vitest'
import { archiveName, artifactPath, remotePath } from '../../src/store/layout.ts'

const key = { name: 'kubelet', version: '1.33.1', platform: 'linux', arch: 'amd64' }

describe('where artifacts lie on a node', () => {
  it.each([
    ['a package for linux', key, undefined, 'kubelet/kubelet-1.33.1-amd64.tar.zst'],
    [
      'the same for another platform',
      { ...key, platform: 'darwin' },
      undefined,
      'kubelet/darwin/amd64/1.33.1/kubelet-1.33.1-amd64.tar.zst',
    ],
    ['a kept file', key, 'kubelet', 'kubelet/linux/amd64/1.33.1/kubelet'],
    [
      'the kept file for another arch',
      { ...key, arch: 'arm64' },
      'kubelet',
      'kubelet/linux/arm64/1.33.1/kubelet',
    ],
    [
      'a name that reads like a version',
      { ...key, name: 'java-17' },
      undefined,
      `java-17/linux/amd64/1.33.1/${archiveName({ ...key, name: 'java-17' })}`,
    ],
  ])('%s', (_what, of, kept, path) => {
    expect(remotePath(of, artifactPath(of, kept))).toBe(path)
  })
})
