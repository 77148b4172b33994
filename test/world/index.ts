import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Entry } from './content.ts'
import { gzipStored, tar, zip } from './pack.ts'
import { ARCHIVES, ARCHS, binary, VERSIONS } from './releases.ts'

/** A regular file inside an artifact, as plain `tar` reads it. */
export interface WorldMember {
  /** Without a leading `./`. */
  readonly path: string
  /** Octal, `0755`; absent in a zip. */
  readonly mode?: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
}

/** One download of the world. A bare binary has itself as its one member. */
export interface WorldArtifact {
  /** Upstream's own URL; the file lies at `<dir>/<host>/<path>`. */
  readonly url: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
  readonly format: 'tar.gz' | 'tgz' | 'tar.bz2' | 'tar.xz' | 'tar.zst' | 'tar' | 'zip' | 'binary'
  readonly members: readonly WorldMember[]
}

/** An upstream tree on disk: the small one, or the real-size one of `../shared/world/build.sh`. */
export interface World {
  /** Absolute path. */
  readonly dir: string
  readonly artifacts: readonly WorldArtifact[]
}

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), 'fixtures')
const GITHUB = 'github.com'
const NERDCTL = `${GITHUB}/containerd/nerdctl/releases/download/v${VERSIONS.nerdctl}`

/** Files by path below the world's folder, and what is known of the artifacts among them. */
class Tree {
  readonly files = new Map<string, Buffer | string>()
  readonly artifacts: WorldArtifact[] = []

  artifact(path: string, format: WorldArtifact['format'], data: Buffer, entries: readonly Entry[]): void {
    const members = entries.flatMap(({ path: name, mode, data: content }) =>
      content === undefined
        ? []
        : [
            {
              path: name.replace(/^\.\//, ''),
              ...(format !== 'zip' && { mode: `0${mode.toString(8)}` }),
              ...facts(content),
            },
          ],
    )
    this.files.set(path, data)
    this.artifacts.push({ url: `https://${path}`, ...facts(data), format, members })
  }

  targz(path: string, entries: readonly Entry[]): void {
    this.artifact(
      path,
      path.endsWith('.tgz') ? 'tgz' : 'tar.gz',
      gzipSync(tar(entries), { level: 6 }),
      entries,
    )
  }

  bare(path: string, data: Buffer): void {
    this.artifact(path, 'binary', data, [{ path: path.slice(path.lastIndexOf('/') + 1), mode: 0o755, data }])
  }

  sha256(path: string): string {
    return sha256(this.files.get(path) ?? '')
  }

  /** What `sha256sum` prints in `folder` for these files. */
  list(folder: string, names: readonly string[]): string {
    return names.map((name) => `${this.sha256(`${folder}/${name}`)}  ${name}\n`).join('')
  }
}

/**
 * Writes a small upstream below `dir`: all nine packages for amd64 and arm64 in their projects' own URL layouts, with
 * their checksum files, the same archive in every format under `formats.example`, and `world.json`, in the shape of the
 * real-size world. Members, tars, bare binaries and nerdctl's archives are the same bytes on every machine; other gzip
 * and zip differ only with Node's zlib. runc's and nerdctl's lists are signed as upstream's, by `keys/signer.asc`.
 */
export async function buildSmallWorld(dir: string): Promise<World> {
  const tree = new Tree()
  const fixtures = await readFixtures()
  for (const arch of ARCHS) {
    containerProjects(tree, arch)
    kubernetesProjects(tree, arch)
  }
  lists(tree, fixtures)
  formats(tree, fixtures)
  tree.files.set('keys/signer.asc', fixtures.signer)
  tree.artifacts.sort((a, b) => (a.url < b.url ? -1 : 1))
  tree.files.set('world.json', `${JSON.stringify(tree.artifacts, null, 1)}\n`)
  await Promise.all(
    [...tree.files].map(async ([path, data]) => {
      await mkdir(dirname(join(dir, path)), { recursive: true })
      await writeFile(join(dir, path), data)
    }),
  )
  return { dir, artifacts: tree.artifacts }
}

/** The world that lies in `dir`, built before. */
export async function readWorld(dir: string): Promise<World> {
  return { dir, artifacts: JSON.parse(await readFile(join(dir, 'world.json'), 'utf8')) }
}

/** The text that runc's release manager signs: a list of all bare binaries of the release. */
export function runcList(): string {
  return ARCHS.map((arch) => `${sha256(binary('runc', arch))}  runc.${arch}\n`).join('')
}

/** The text that nerdctl's release manager signs: `SHA256SUMS` over all archives of the release. */
export function nerdctlList(): string {
  return ARCHS.map(
    (arch) => `${sha256(nerdctl(arch))}  nerdctl-${VERSIONS.nerdctl}-linux-${arch}.tar.gz\n`,
  ).join('')
}

/** Not deflated: a signature made once must fit it with every zlib. */
function nerdctl(arch: string): Buffer {
  return gzipStored(tar(ARCHIVES.nerdctl(arch)))
}

/** The tar that lies under `formats.example` in every format. */
export function formatsTar(): Buffer {
  return tar(ARCHIVES.cni('amd64'))
}

function containerProjects(tree: Tree, arch: string): void {
  const containerd = `${GITHUB}/containerd/containerd/releases/download/v${VERSIONS.containerd}`
  const archive = `containerd-${VERSIONS.containerd}-linux-${arch}.tar.gz`
  tree.targz(`${containerd}/${archive}`, ARCHIVES.containerd(arch))
  tree.files.set(`${containerd}/${archive}.sha256sum`, tree.list(containerd, [archive]))

  tree.bare(
    `${GITHUB}/opencontainers/runc/releases/download/${VERSIONS.runc}/runc.${arch}`,
    binary('runc', arch),
  )

  const cni = `${GITHUB}/containernetworking/plugins/releases/download/${VERSIONS.cni}`
  const plugins = `cni-plugins-linux-${arch}-${VERSIONS.cni}.tgz`
  tree.targz(`${cni}/${plugins}`, ARCHIVES.cni(arch))
  tree.files.set(`${cni}/${plugins}.sha256`, tree.list(cni, [plugins]))

  tree.artifact(
    `${NERDCTL}/nerdctl-${VERSIONS.nerdctl}-linux-${arch}.tar.gz`,
    'tar.gz',
    nerdctl(arch),
    ARCHIVES.nerdctl(arch),
  )
}

function kubernetesProjects(tree: Tree, arch: string): void {
  const k8s = `dl.k8s.io/release/${VERSIONS.k8s}/bin/linux/${arch}`
  for (const name of ['kubectl', 'kubelet', 'kubeadm']) {
    tree.bare(`${k8s}/${name}`, binary(name, arch))
    tree.files.set(`${k8s}/${name}.sha256`, tree.sha256(`${k8s}/${name}`))
  }

  const helm = `helm-${VERSIONS.helm}-linux-${arch}.tar.gz`
  tree.targz(`get.helm.sh/${helm}`, ARCHIVES.helm(arch))
  tree.files.set(`get.helm.sh/${helm}.sha256sum`, tree.list('get.helm.sh', [helm]))
  tree.files.set(`get.helm.sh/${helm}.sha256`, `${tree.sha256(`get.helm.sh/${helm}`)}\n`)

  const cri = `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/${VERSIONS.crictl}`
  const crictl = `${cri}/crictl-${VERSIONS.crictl}-linux-${arch}.tar.gz`
  tree.targz(crictl, ARCHIVES.crictl(arch))
  tree.files.set(`${crictl}.sha256`, tree.sha256(crictl))
}

/** The checksum files that cover both archs. */
function lists(tree: Tree, fixtures: Fixtures): void {
  if (!fixtures.runcList.includes(`\n\n${runcList()}-----BEGIN PGP SIGNATURE-----`))
    throw stale('runc.sha256sum')
  if (fixtures.nerdctlList !== nerdctlList()) throw stale('SHA256SUMS')
  tree.files.set(
    `${GITHUB}/opencontainers/runc/releases/download/${VERSIONS.runc}/runc.sha256sum`,
    fixtures.runcList,
  )
  tree.files.set(`${NERDCTL}/SHA256SUMS`, fixtures.nerdctlList)
  tree.files.set(`${NERDCTL}/SHA256SUMS.asc`, fixtures.nerdctlSignature)
}

function formats(tree: Tree, fixtures: Fixtures): void {
  const folder = `formats.example/cni/${VERSIONS.cni}`
  const entries = ARCHIVES.cni('amd64')
  const plain = formatsTar()
  if (fixtures.tarSha256 !== sha256(plain)) throw stale('cni.tar.sha256')
  const gz = gzipSync(plain, { level: 6 })
  tree.artifact(`${folder}/cni.tar`, 'tar', plain, entries)
  tree.artifact(`${folder}/cni.tar.gz`, 'tar.gz', gz, entries)
  tree.artifact(`${folder}/cni.tgz`, 'tgz', gz, entries)
  for (const format of ['tar.bz2', 'tar.xz', 'tar.zst'] as const) {
    tree.artifact(`${folder}/cni.${format}`, format, fixtures[format], entries)
  }
  const zipped = entries.slice(1).map((entry) => ({ ...entry, path: entry.path.replace(/^\.\//, '') }))
  tree.artifact(`${folder}/cni.zip`, 'zip', zip(zipped), zipped)
  const bridge = entries.find((entry) => entry.path === './bridge')?.data
  if (bridge !== undefined) tree.bare(`${folder}/bridge`, bridge)
  const names = [...tree.files.keys()]
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
  tree.files.set(`${folder}/SHA256SUMS`, tree.list(folder, names.sort()))
}

/** What cannot be made in process: there is no encoder for these formats in Node, and no key in this repository. */
async function readFixtures() {
  const read = (name: string) => readFile(join(FIXTURES, name))
  const text = async (name: string) => (await read(name)).toString()
  return {
    runcList: await text('runc.sha256sum'),
    nerdctlList: await text('SHA256SUMS'),
    nerdctlSignature: await text('SHA256SUMS.asc'),
    signer: await text('signer.asc'),
    tarSha256: (await text('cni.tar.sha256')).trim(),
    'tar.bz2': await read('cni.tar.bz2'),
    'tar.xz': await read('cni.tar.xz'),
    'tar.zst': await read('cni.tar.zst'),
  }
}
type Fixtures = Awaited<ReturnType<typeof readFixtures>>

function stale(fixture: string): Error {
  return new Error(
    `test/world/fixtures/${fixture} is not of this content; run: npx jiti test/world/make-fixtures.ts`,
  )
}

function facts(data: Buffer): { size: number; sha256: string } {
  return { size: data.length, sha256: sha256(data) }
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}
