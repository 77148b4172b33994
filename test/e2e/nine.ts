import type { World, WorldArtifact } from '../world/index.ts'

/** The nine packages as the worlds hold them, and how their upstream files are recognised. */
export const NINE: readonly { readonly spec: string; readonly file: string; readonly url: RegExp }[] = [
  { spec: 'containerd@2.1.0', file: 'containerd-2.1.0', url: /\/containerd-2\.1\.0-linux-(\w+)\.tar\.gz$/ },
  { spec: 'runc@v1.3.0', file: 'runc-1.3.0', url: /\/runc\.(\w+)$/ },
  { spec: 'cni-plugins@1.7.1', file: 'cni-plugins-1.7.1', url: /\/cni-plugins-linux-(\w+)-v1\.7\.1\.tgz$/ },
  { spec: 'kubectl@1.33.1', file: 'kubectl-1.33.1', url: /\/linux\/(\w+)\/kubectl$/ },
  { spec: 'kubeadm@v1.33.1', file: 'kubeadm-1.33.1', url: /\/linux\/(\w+)\/kubeadm$/ },
  { spec: 'kubelet@1.33.1', file: 'kubelet-1.33.1', url: /\/linux\/(\w+)\/kubelet$/ },
  { spec: 'helm@3.18.0', file: 'helm-3.18.0', url: /\/helm-v3\.18\.0-linux-(\w+)\.tar\.gz$/ },
  { spec: 'crictl@1.33.0', file: 'crictl-1.33.0', url: /\/crictl-v1\.33\.0-linux-(\w+)\.tar\.gz$/ },
  { spec: 'nerdctl@2.1.2', file: 'nerdctl-2.1.2', url: /\/nerdctl-2\.1\.2-linux-(\w+)\.tar\.gz$/ },
]

export const ARCHES = ['amd64', 'arm64'] as const

/** One archive that a run over the nine must give. */
export interface Wanted {
  readonly name: string
  readonly arch: string
  /** `containerd-2.1.0-amd64.tar.zst` */
  readonly archive: string
  readonly artifact: WorldArtifact
}

export function wantedFrom(world: World): Wanted[] {
  return NINE.flatMap(({ spec, file, url }) =>
    ARCHES.map((arch) => {
      const artifact = world.artifacts.find((candidate) => url.exec(candidate.url)?.[1] === arch)
      if (artifact === undefined) throw new Error(`the world has no ${spec} for ${arch}`)
      const [name = ''] = spec.split('@')
      return { name, arch, archive: `${file}-${arch}.tar.zst`, artifact }
    }),
  )
}

/** What an archive must hold: the world's members, a bare binary as one called like its package. */
export function wantedMembers({ name, artifact }: Pick<Wanted, 'name' | 'artifact'>) {
  const members = artifact.members.map(({ path, mode, size, sha256 }) =>
    artifact.format === 'binary' ? { path: name, mode: '0755', size, sha256 } : { path, mode, size, sha256 },
  )
  return members.sort((a, b) => (a.path < b.path ? -1 : 1))
}
