import { chmod, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createJiti } from 'jiti'

/** What a config can import wherever it lies: the command's own packages, in the instances it runs on. */
export const HOST_MODULES = [
  'pkgcache',
  '@pkgcache/core',
  '@pkgcache/fetch-file',
  '@pkgcache/fetch-http',
  '@pkgcache/format-7z',
  '@pkgcache/format-binary',
  '@pkgcache/format-tar',
  '@pkgcache/format-tar-bz2',
  '@pkgcache/format-tar-gz',
  '@pkgcache/format-tar-xz',
  '@pkgcache/format-tar-zst',
  '@pkgcache/format-zip',
  '@pkgcache/inventory-ansible',
  '@pkgcache/report-html',
  '@pkgcache/report-json',
  '@pkgcache/report-text',
  '@pkgcache/source-kubernetes',
  '@pkgcache/source-runner-images',
  '@pkgcache/source-runner-images/report',
  '@pkgcache/source-runner-images/resolvers',
  '@pkgcache/source-runner-images/sources',
  '@pkgcache/source-url',
  '@pkgcache/transport-local',
  '@pkgcache/transport-ssh',
  '@pkgcache/verify-checksum',
  '@pkgcache/verify-openpgp',
] as const

/**
 * Where compiled configs are kept between runs: its owner's alone, since a config may hold tokens and be nobody else's
 * to read.
 */
async function compiledFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(
    env.PKGCACHE_HOME || env.OMYKUBE_HOME || join(homedir(), '.pkgcache'),
    'cache',
    'config',
  )
  // without a folder nothing is kept
  await mkdir(folder, { recursive: true })
    .then(() => chmod(folder, 0o700))
    .catch(() => undefined)
  return folder
}

/** Loaded when a config asks for them, not before: a getter per module that answers with a promise. */
function hostModules(): Record<string, unknown> {
  const modules: Record<string, unknown> = {}
  for (const name of HOST_MODULES) {
    // The mark makes a namespace pass for what jiti compiles modules to, so that default imports are the default.
    const get = async () => ({ ...((await import(name)) as object), __esModule: true })
    Object.defineProperty(modules, name, { enumerable: true, get })
  }
  return modules
}

/**
 * Loads a config module, TypeScript or not, with nothing installed beside it.
 * @param path absolute
 * @returns its default export
 */
export async function loadModule(path: string): Promise<unknown> {
  const jiti = createJiti(path, {
    fsCache: await compiledFolder(process.env),
    tryNative: false,
    interopDefault: true,
    virtualModules: hostModules(),
  })
  return jiti.import(path, { default: true })
}
