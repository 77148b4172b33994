import type { Resolver, ToolDownload } from './resolver.ts'

const PACKAGES = 'https://www.powershellgallery.com/api/v2/package'
const EXACT = /^\d+(?:\.\d+){1,3}(?:-[0-9A-Za-z.]+)?$/

/** Modules of the PowerShell Gallery, by their exact version: what `Save-Module` fetches. The tool is the module. */
export const powershellGallery: Resolver = {
  name: 'powershell-gallery',
  exactOnly: true,
  async resolve({ tool, version: listed, spec }): Promise<readonly ToolDownload[]> {
    const version = listed ?? spec
    if (!EXACT.test(version) || !/^[\w.-]+$/.test(tool)) return []
    return [{ version, url: `${PACKAGES}/${tool}/${version}`, evidence: 'template' }]
  },
}
