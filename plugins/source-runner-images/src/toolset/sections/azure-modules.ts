import type { Section } from '../section.ts'
import { moduleRow } from './modules.ts'
import { texts, told } from './rows.ts'

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
      const [versions, packed] = [entry.get('versions'), entry.get('zip_versions')]
      const [asFolders, asZips] = [[...(versions ? texts(versions) : [])], [...(packed ? texts(packed) : [])]]
      const module = { section: 'azureModules', tool }
      for (const version of asFolders) yield moduleRow({ ...module, names: [tool] }, version, image)
      for (const version of asZips)
        yield moduleRow({ ...module, names: [`${tool} (Cached)`, tool] }, version, image)
      if (asFolders.length + asZips.length === 0)
        yield moduleRow({ ...module, names: [tool] }, { at: entry }, image)
    }
  },
}
