/** What a project publishes for one platform. */
export interface Target {
  /** As Node's `process.platform` spells it. */
  readonly platform: string
  /** As the project's file names spell the platform. */
  readonly os: string
  /** Go's names. */
  readonly archs: readonly string[]
  /** End of the file name: an archive's extension, `.exe`, or nothing. */
  readonly suffix: string
  readonly format: 'tar.gz' | 'zip' | 'binary'
}

/** One of the nine packages: where its project publishes it, under which names, with which checksum file. */
export interface Project {
  readonly name: string
  /** Where people see which releases there are. */
  readonly releases: string
  /** `{version}` has no "v"; tags that have one are written `v{version}`. Also `{os} {arch} {suffix}`. */
  readonly url: string
  /** Relative to the folder of `url`; `{file}` is the file name of `url`. */
  readonly checksum: string
  /** Detached signature of `checksum`, relative to its folder; `itself` when that file is clear-signed. */
  readonly signature?: string
  /** Archs whose spelling in file names is not Go's. */
  readonly spelling?: Readonly<Record<string, string>>
  readonly targets: readonly Target[]
}

const GITHUB = 'https://github.com'
const K8S = 'https://dl.k8s.io/release/v{version}/bin/{os}/{arch}'

const tarGz = { suffix: '.tar.gz', format: 'tar.gz' } as const
const tgz = { suffix: '.tgz', format: 'tar.gz' } as const
const zip = { suffix: '.zip', format: 'zip' } as const
const bare = { suffix: '', format: 'binary' } as const
const exe = { suffix: '.exe', format: 'binary' } as const
const linux = { platform: 'linux', os: 'linux' } as const
const darwin = { platform: 'darwin', os: 'darwin' } as const
const windows = { platform: 'win32', os: 'windows' } as const
const freebsd = { platform: 'freebsd', os: 'freebsd' } as const

// kubeadm and kubelet were built for arm until 1.26 (kubernetes/kubernetes, hack/lib/golang.sh)
const k8sNode: readonly Target[] = [
  { ...linux, ...bare, archs: ['amd64', 'arm', 'arm64', 'ppc64le', 's390x'] },
  { ...windows, ...exe, archs: ['amd64'] },
]

/**
 * Where each project publishes, from its release scripts and release pages; an arch stands here when any release in
 * the last years had it. Checksum files: a bare hash (dl.k8s.io, crictl), `hash  file` (containerd, cni-plugins,
 * helm), a list of many files with a detached PGP signature (nerdctl), such a list clear-signed with PGP (runc).
 */
export const PROJECTS: readonly Project[] = [
  {
    name: 'containerd',
    releases: `${GITHUB}/containerd/containerd/releases`,
    url: `${GITHUB}/containerd/containerd/releases/download/v{version}/containerd-{version}-{os}-{arch}{suffix}`,
    checksum: '{file}.sha256sum',
    targets: [
      { ...linux, ...tarGz, archs: ['amd64', 'arm64', 'ppc64le', 'riscv64', 's390x'] },
      { ...windows, ...tarGz, archs: ['amd64'] },
    ],
  },
  {
    name: 'runc',
    releases: `${GITHUB}/opencontainers/runc/releases`,
    url: `${GITHUB}/opencontainers/runc/releases/download/v{version}/runc.{arch}{suffix}`,
    checksum: 'runc.sha256sum',
    signature: 'itself',
    spelling: { arm: 'armhf' },
    targets: [
      { ...linux, ...bare, archs: ['386', 'amd64', 'arm', 'arm64', 'armel', 'ppc64le', 'riscv64', 's390x'] },
    ],
  },
  {
    name: 'cni-plugins',
    releases: `${GITHUB}/containernetworking/plugins/releases`,
    url: `${GITHUB}/containernetworking/plugins/releases/download/v{version}/cni-plugins-{os}-{arch}-v{version}{suffix}`,
    checksum: '{file}.sha256',
    targets: [
      { ...linux, ...tgz, archs: ['amd64', 'arm', 'arm64', 'mips64le', 'ppc64le', 'riscv64', 's390x'] },
      { ...windows, ...tgz, archs: ['amd64'] },
    ],
  },
  {
    name: 'kubectl',
    releases: 'https://kubernetes.io/releases',
    url: `${K8S}/kubectl{suffix}`,
    checksum: '{file}.sha256',
    targets: [
      { ...linux, ...bare, archs: ['386', 'amd64', 'arm', 'arm64', 'ppc64le', 's390x'] },
      { ...darwin, ...bare, archs: ['amd64', 'arm64'] },
      { ...windows, ...exe, archs: ['386', 'amd64', 'arm64'] },
    ],
  },
  {
    name: 'kubeadm',
    releases: 'https://kubernetes.io/releases',
    url: `${K8S}/kubeadm{suffix}`,
    checksum: '{file}.sha256',
    targets: k8sNode,
  },
  {
    name: 'kubelet',
    releases: 'https://kubernetes.io/releases',
    url: `${K8S}/kubelet{suffix}`,
    checksum: '{file}.sha256',
    targets: k8sNode,
  },
  {
    name: 'helm',
    releases: `${GITHUB}/helm/helm/releases`,
    url: 'https://get.helm.sh/helm-v{version}-{os}-{arch}{suffix}',
    checksum: '{file}.sha256sum',
    targets: [
      {
        ...linux,
        ...tarGz,
        archs: ['386', 'amd64', 'arm', 'arm64', 'loong64', 'ppc64le', 'riscv64', 's390x'],
      },
      { ...darwin, ...tarGz, archs: ['amd64', 'arm64'] },
      { ...windows, ...zip, archs: ['amd64', 'arm64'] },
    ],
  },
  {
    name: 'crictl',
    releases: `${GITHUB}/kubernetes-sigs/cri-tools/releases`,
    url: `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v{version}/crictl-v{version}-{os}-{arch}{suffix}`,
    checksum: '{file}.sha256',
    targets: [
      {
        ...linux,
        ...tarGz,
        archs: ['386', 'amd64', 'arm', 'arm64', 'mips64le', 'ppc64le', 'riscv64', 's390x'],
      },
      { ...darwin, ...tarGz, archs: ['amd64', 'arm64'] },
      { ...windows, ...tarGz, archs: ['386', 'amd64', 'arm64'] },
    ],
  },
  {
    name: 'nerdctl',
    releases: `${GITHUB}/containerd/nerdctl/releases`,
    url: `${GITHUB}/containerd/nerdctl/releases/download/v{version}/nerdctl-{version}-{os}-{arch}{suffix}`,
    checksum: 'SHA256SUMS',
    signature: 'SHA256SUMS.asc',
    spelling: { arm: 'arm-v7' },
    targets: [
      { ...linux, ...tarGz, archs: ['amd64', 'arm', 'arm64', 'ppc64le', 'riscv64', 's390x'] },
      { ...windows, ...tarGz, archs: ['amd64'] },
      { ...freebsd, ...tarGz, archs: ['amd64'] },
    ],
  },
]
