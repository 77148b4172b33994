import { join } from 'node:path'
import { checkKey, checkName, keyId, type PackageKey, plainVersion } from '../model/names.ts'

/** Folders of a store, all absolute. */
export interface StoreLayout {
  readonly root: string
  readonly index: string
  readonly reports: string
  readonly own: string
  readonly records: string
  readonly tmp: string
  /** Half-finished downloads and their journals. */
  readonly parts: string
  /** Texts from upstream that are kept: manifests, indexes, reports. */
  readonly kept: string
  readonly locks: string
  readonly snapshot: string
  readonly access: string
  /** What the last run's reports tell, as a digest, and where they lie. */
  readonly lastReports: string
  /** The last run's whole result. */
  readonly lastResult: string
}

export function storeLayout(root: string): StoreLayout {
  const own = join(root, '.pkgcache')
  return {
    root,
    index: join(root, 'index.yaml'),
    reports: join(root, 'reports'),
    own,
    records: join(own, 'records'),
    tmp: join(own, 'tmp'),
    parts: join(own, 'parts'),
    kept: join(own, 'kept'),
    locks: join(own, 'locks'),
    snapshot: join(own, 'snapshot.json'),
    access: join(own, 'access.json'),
    lastReports: join(own, 'last-reports.json'),
    lastResult: join(own, 'last-result.json'),
  }
}

/**
 * True when `<name>-<version>-<arch>` can be read in one way only: no dash of the name is followed by a digit, the
 * version starts with one. Otherwise `a-1` in version `2` and `a` in version `1-2` would share a file.
 */
function isUnambiguous({ name, version }: PackageKey): boolean {
  return !/-\d/.test(name) && /^\d/.test(version)
}

/** The file name of a normalised package: `containerd-2.1.0-amd64.tar.zst`. */
export function archiveName(key: PackageKey): string {
  return `${key.name}-${key.version}-${key.arch}.tar.zst`
}

/**
 * Where an artifact lies below the root, with forward slashes. Follows from the key alone (and the download's own
 * name, for kept files), so no path is ever taken from a file.
 * @param keptName file name of a kept download; absent for a normalised one
 * @throws E_NAME
 */
export function artifactPath(key: PackageKey, keptName?: string): string {
  checkKey(key)
  if (keptName !== undefined) checkName('file', keptName)
  if (keptName === undefined && key.platform === 'linux' && isUnambiguous(key)) return archiveName(key)
  return [key.platform, key.arch, key.name, key.version, keptName ?? archiveName(key)].join('/')
}

/** What a file's place in the store says of it. */
export interface Placed {
  readonly key: PackageKey
  /** File name in the tree form, for a download that was kept as it was. */
  readonly keptName?: string
}

// no dash before a digit in the name, a digit (after a "v" at most) at the start of the version, no dash in the arch
const FLAT = /^((?:(?!-v?\d)[^/])+)-(v?\d[^/]*)-([^-/]+)\.tar\.zst$/

/** The key that a path below the root stands for; undefined for a name from which none can be told. */
export function placedAt(path: string): Placed | undefined {
  const parts = path.split('/')
  const [platform = '', arch = '', name = '', version = '', file = ''] = parts
  const flat = FLAT.exec(path)
  const key = flat
    ? { name: flat[1] ?? '', version: plainVersion(flat[2] ?? ''), platform: 'linux', arch: flat[3] ?? '' }
    : { name, version, platform, arch }
  if (flat === null && parts.length !== 5) return undefined
  try {
    checkKey(key)
    if (flat !== null || file === archiveName(key)) return { key }
    checkName('file', file)
    return { key, keptName: file }
  } catch {
    return undefined
  }
}

/**
 * Where an artifact lies on a node, below its root: `<name>/<file>`. What is in the tree form keeps platform, arch and
 * version as folders there too, since file names alone would meet (`kubelet` for two arches).
 */
export function remotePath(key: PackageKey, file: string): string {
  if (!file.includes('/')) return `${key.name}/${file}`
  const [fileName = ''] = file.split('/').slice(-1)
  return [key.name, key.platform, key.arch, key.version, fileName].join('/')
}

/**
 * What lies at a path below a node's root, where it is a path that `remotePath` gives; undefined for anything else.
 * Nothing else is ever taken for a delivered package.
 */
export function placedOnNode(path: string): Placed | undefined {
  const [name = '', ...rest] = path.split('/')
  const placed = placedAt(rest.length === 1 ? (rest[0] ?? '') : inStore(name, rest))
  if (placed === undefined || placed.key.name !== name) return undefined
  // a download that was kept may be called as an archive would be
  const readings: Placed[] = [placed, { key: placed.key, keptName: rest.at(-1) ?? '' }]
  return readings.find(
    ({ key, keptName }) => isName(keptName) && remotePath(key, artifactPath(key, keptName)) === path,
  )
}

function isName(keptName: string | undefined): boolean {
  try {
    if (keptName !== undefined) checkName('file', keptName)
    return true
  } catch {
    return false
  }
}

/** `<name>/<platform>/<arch>/<version>/<file>` as the store has it. */
function inStore(name: string, [platform = '', arch = '', ...rest]: readonly string[]): string {
  return [platform, arch, name, ...rest].join('/')
}

/** File name of a key's record. Capitals are escaped, so that `C++` and `c++` differ on every filesystem. */
export function recordName(key: PackageKey): string {
  return `${keyId(key).replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}.json`
}
