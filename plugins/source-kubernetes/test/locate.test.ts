import { describe, expect, it } from 'vitest'
import { locate } from '../src/locate.ts'
import { PROJECTS } from '../src/projects.ts'

describe('the table against the URLs that upstreams have', () => {
  const cases = [
    [
      'containerd',
      'linux',
      'riscv64',
      'containerd-1.2.3-linux-riscv64.tar.gz',
      'containerd-1.2.3-linux-riscv64.tar.gz.sha256sum',
    ],
    [
      'containerd',
      'win32',
      'amd64',
      'containerd-1.2.3-windows-amd64.tar.gz',
      'containerd-1.2.3-windows-amd64.tar.gz.sha256sum',
    ],
    ['runc', 'linux', 'arm', 'runc.armhf', 'runc.sha256sum'],
    ['runc', 'linux', 'armhf', 'runc.armhf', 'runc.sha256sum'],
    ['runc', 'linux', 'armel', 'runc.armel', 'runc.sha256sum'],
    [
      'cni-plugins',
      'linux',
      'mips64le',
      'cni-plugins-linux-mips64le-v1.2.3.tgz',
      'cni-plugins-linux-mips64le-v1.2.3.tgz.sha256',
    ],
    [
      'cni-plugins',
      'windows',
      'x86_64',
      'cni-plugins-windows-amd64-v1.2.3.tgz',
      'cni-plugins-windows-amd64-v1.2.3.tgz.sha256',
    ],
    ['kubectl', 'darwin', 'arm64', 'kubectl', 'kubectl.sha256'],
    ['kubectl', 'win32', '386', 'kubectl.exe', 'kubectl.exe.sha256'],
    ['kubelet', 'win32', 'x64', 'kubelet.exe', 'kubelet.exe.sha256'],
    [
      'helm',
      'linux',
      'loong64',
      'helm-v1.2.3-linux-loong64.tar.gz',
      'helm-v1.2.3-linux-loong64.tar.gz.sha256sum',
    ],
    [
      'helm',
      'darwin',
      'arm64',
      'helm-v1.2.3-darwin-arm64.tar.gz',
      'helm-v1.2.3-darwin-arm64.tar.gz.sha256sum',
    ],
    ['helm', 'win32', 'amd64', 'helm-v1.2.3-windows-amd64.zip', 'helm-v1.2.3-windows-amd64.zip.sha256sum'],
    ['crictl', 'win32', '386', 'crictl-v1.2.3-windows-386.tar.gz', 'crictl-v1.2.3-windows-386.tar.gz.sha256'],
    ['nerdctl', 'linux', 'arm', 'nerdctl-1.2.3-linux-arm-v7.tar.gz', 'SHA256SUMS'],
    ['nerdctl', 'freebsd', 'amd64', 'nerdctl-1.2.3-freebsd-amd64.tar.gz', 'SHA256SUMS'],
  ] as const
  it.each(cases)('%s %s/%s', (name, platform, arch, file, checksumFile) => {
    const project = PROJECTS.find((candidate) => candidate.name === name)
    const located = project && locate(project, { name, version: 'v1.2.3', platform, arch })
    expect(located).toMatchObject({ version: '1.2.3', file })
    expect(located?.url.split('/').at(-1)).toBe(file)
    expect(located?.checksumUrl.split('/').at(-1)).toBe(checksumFile)
  })

  it('every published file has a URL of its own and a checksum beside it', () => {
    for (const project of PROJECTS) {
      const located = project.targets.flatMap(({ platform, archs }) =>
        archs.map((arch) => locate(project, { name: project.name, version: '1.2.3-rc.1', platform, arch })),
      )
      expect(new Set(located.map(({ url }) => url)).size).toBe(located.length)
      for (const { url, checksumUrl } of located) {
        expect(url).toMatch(/^https:\/\/[\w./-]+1\.2\.3-rc\.1[\w./-]*$/)
        expect(new URL('.', checksumUrl).href).toBe(new URL('.', url).href)
      }
    }
  })
})
