import type { Section } from '../section.ts'
import { moduleRow } from './modules.ts'
import { listed, told } from './rows.ts'

/**
 * `azureModules`: `az`, and in older toolsets `azure` and `azurerm`. `zip_versions` are kept packed on the image; the
 * images make those archives themselves of the gallery's packages.
 */
export const azureModules: Section = {
  key: 'azureModules',
  *rows(value, image) {
    for (const entry of value.list()) {
      const name = told(entry, 'name')
      if (name === undefined) continue
      const tool = name.text
      const [folders, archives] = [listed(entry, 'versions'), listed(entry, 'zip_versions')]
      const module = { section: 'azureModules', tool }
      for (const version of folders) yield moduleRow({ ...module, names: [tool] }, version, image)
      for (const version of archives)
        yield moduleRow({ ...module, names: [`${tool} (Cached)`, tool] }, version, image)
      if (folders.length + archives.length === 0)
        yield moduleRow({ ...module, names: [tool] }, { at: entry }, image)
    }
  },
}
