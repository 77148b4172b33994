import { describe, expect, it } from 'vitest'
import { archiveName, artifactPath, placedOnNode, remotePath } from '../../src/store/layout.ts'

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
    // and back
    expect(placedOnNode(path)).toEqual({ key: of, ...(kept !== undefined && { keptName: kept }) })
  })

  it('can be told from the path of a kept file that is called as the archive would be', () => {
    const path = 'kubelet/linux/amd64/1.33.1/kubelet-1.33.1-amd64.tar.zst'
    expect(placedOnNode(path)).toEqual({ key, keptName: archiveName(key) })
  })
})

describe('what pkgcache would not have put there', () => {
  it.each([
    ['another folder', 'kubectl/kubelet-1.33.1-amd64.tar.zst'],
    ['no folder', 'kubelet-1.33.1-amd64.tar.zst'],
    ['another ending', 'kubelet/kubelet-1.33.1-amd64.tar.gz'],
    ['no arch', 'kubelet/kubelet-1.33.1.tar.zst'],
    ['a v before the version', 'kubelet/kubelet-v1.33.1-amd64.tar.zst'],
    ['a tree too deep', 'kubelet/linux/amd64/1.33.1/a/kubelet'],
    ['a tree too flat', 'kubelet/linux/amd64/kubelet'],
    ['a way out', 'kubelet/linux/amd64/../kubelet'],
    ['a way out of the flat form', 'kubelet/../kubelet-1.33.1-amd64.tar.zst'],
    ['a file name that is none', 'kubelet/linux/amd64/1.33.1/.hidden'],
    ['a platform that is none', 'kubelet/LINUX/amd64/1.33.1/kubelet'],
    ['control characters', 'kubelet/kubelet-1.33.1\n-amd64.tar.zst'],
    ['nothing', ''],
  ])('is no package: %s', (_what, path) => {
    expect(placedOnNode(path)).toBeUndefined()
  })
})
