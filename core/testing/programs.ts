import { existsSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const SBIN = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/usr/bin', '/usr/local/bin']

/** Absolute path of a program, looked for on PATH and where servers are; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SBIN]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/**
 * Makes a folder that, as the whole PATH of a machine, gives it these programs and no others.
 * @throws Error for a program that is not here
 */
export async function linkPrograms(folder: string, names: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const name of names) {
    const program = findProgram(name)
    if (program === undefined) throw new Error(`there is no ${name}`)
    await symlink(program, join(folder, name))
  }
  return folder
}
