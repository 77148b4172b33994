import { copyFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PkgcacheError } from '@pkgcache/core'
import { type Dressing, isThere } from './dress.ts'
import type { ToolId } from './layouts.ts'

/** `pypy3.10-v7.3.19-linux64`: the folder in every archive of PyPy, with both versions. */
const PYPY_TOP = /^pypy(\d+\.\d+)-v(\d+\.\d+\.\d+)(?:(a|b|rc)(\d*))?-/

/** `bin/python3.12`. */
export function pythonProgram({ version }: ToolId): string {
  return `bin/python${version.split('.').slice(0, 2).join('.')}`
}

/** Makes a link where nothing is yet. */
async function linkIfMissing(root: string, name: string, target: string): Promise<void> {
  if (!(await isThere(join(root, name)))) await symlink(target, join(root, name))
}

/** `python`, `bin/python312` and `bin/python`, as `nix-setup-template.sh` of actions/python-versions makes them. */
export async function addPythonLinks({ id, root }: Dressing): Promise<void> {
  const program = pythonProgram(id)
  if (id.platform === 'win32' || !(await isThere(join(root, program)))) return
  const name = program.slice('bin/'.length)
  await linkIfMissing(root, 'python', `./${program}`)
  await linkIfMissing(root, `bin/${name.replace('.', '')}`, name)
  await linkIfMissing(root, 'bin/python', name)
}

/**
 * `PYPY_VERSION`, by which setup-python knows PyPy's own version (the folder is called after Python's), and `python`.
 * @throws E_TOOL_CACHE when the archive does not say its version, or says another one
 */
export async function addPypyParts({ id, root, top = '' }: Dressing): Promise<void> {
  const [, python, version, stage, number] = PYPY_TOP.exec(top) ?? []
  if (python === undefined || !id.version.startsWith(`${python}.`)) {
    const what =
      python === undefined ? 'the folder in its archive does not say' : `its archive is for ${python}`
    throw new PkgcacheError('E_TOOL_CACHE', `which Python this PyPy is: ${what}`, {
      hint: 'archives of downloads.python.org hold one folder, such as pypy3.10-v7.3.19-linux64',
    })
  }
  await writeFile(join(root, 'PYPY_VERSION'), stage ? `${version}-${stage}.${number}` : `${version}`)
  const major = python.charAt(0)
  const pypy = major === '2' ? 'pypy' : `pypy${major}`
  if (id.platform !== 'win32') {
    if (!(await isThere(join(root, 'bin', pypy)))) return
    await linkIfMissing(root, `bin/python${major}`, pypy)
    await linkIfMissing(root, 'bin/python', `python${major}`)
  } else if (!(await isThere(join(root, 'python.exe'))) && (await isThere(join(root, `${pypy}.exe`)))) {
    await copyFile(join(root, `${pypy}.exe`), join(root, 'python.exe'))
  }
}

/** Tells the CodeQL action that this bundle came with the image. */
export async function addPinnedVersion({ root }: Dressing): Promise<void> {
  await writeFile(join(root, 'pinned-version'), '')
}
