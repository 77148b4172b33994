import { document, type Entry, executable, folder, program, script, symlink } from './content.ts'

/** The releases of the small world: the same as the real one's. */
export const VERSIONS = {
  containerd: '2.1.0',
  runc: 'v1.3.0',
  cni: 'v1.7.1',
  k8s: 'v1.33.1',
  helm: 'v3.18.0',
  crictl: 'v1.33.0',
  nerdctl: '2.1.2',
} as const

export const ARCHS = ['amd64', 'arm64'] as const

const CNI_PLUGINS =
  'bandwidth bridge dhcp dummy firewall host-device host-local ipvlan loopback macvlan portmap ptp sbr static tap tuning vlan vrf'

/** A bare binary as upstream serves it. */
export function binary(name: string, arch: string): Buffer {
  return program(name, arch, 24_000)
}

/** What each project's archive holds, in its own layout. */
export const ARCHIVES = {
  // upstream has no link in here; some archive of the world must have one
  containerd: (arch: string): Entry[] => [
    folder('bin/'),
    executable('bin/containerd', arch, 30_000),
    symlink('bin/containerd-shim', 'containerd-shim-runc-v2'),
    executable('bin/containerd-shim-runc-v2', arch, 12_000),
    executable('bin/containerd-stress', arch, 9_000),
    executable('bin/ctr', arch, 15_001),
  ],
  cni: (arch: string): Entry[] => [
    folder('./'),
    document('./LICENSE', 'Apache License 2.0'),
    document('./README.md', '# CNI plugins'),
    ...CNI_PLUGINS.split(' ').map((name) => executable(`./${name}`, arch, 4_096)),
  ],
  helm: (arch: string): Entry[] => [
    folder(`linux-${arch}/`),
    document(`linux-${arch}/LICENSE`, 'Apache License 2.0'),
    document(`linux-${arch}/README.md`, '# Helm'),
    executable(`linux-${arch}/helm`, arch, 20_000),
  ],
  crictl: (arch: string): Entry[] => [executable('crictl', arch, 18_000)],
  nerdctl: (arch: string): Entry[] => [
    executable('nerdctl', arch, 16_000),
    script('containerd-rootless-setuptool.sh', 'exec systemctl --user "$@" containerd.service'),
    script('containerd-rootless.sh', 'exec rootlesskit containerd "$@"'),
  ],
} as const
