import { readFile, rm } from 'node:fs/promises'
import SevenZip, { type SevenZipModuleFactory } from '7z-wasm'

// its types are those of an ES module, which it is not
const start = SevenZip as unknown as SevenZipModuleFactory

/** A 7z of all that a folder holds, made by 7-Zip. @param switches `-m0=PPMd`, `-psecret`, … */
export async function pack(folder: string, switches: readonly string[]): Promise<Buffer> {
  const module = await start({ print: () => undefined, printErr: () => undefined })
  const { FS } = module
  FS.mkdir('/work')
  FS.mount(module.NODEFS, { root: `${folder}/..` }, '/work')
  FS.chdir(`/work/${folder.slice(folder.lastIndexOf('/') + 1)}`)
  module.callMain(['a', '-mmt=1', ...switches, '../packed.7z', '.'])
  const file = `${folder}/../packed.7z`
  const bytes = await readFile(file)
  await rm(file)
  return bytes
}
