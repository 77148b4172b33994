import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { asTool, members, told, versionRow } from './rows.ts'
import { sha256Of } from './supplies.ts'

// one folder for all versions: Install-ServiceFabricSDK.ps1 of actions/runner-images
const FOLDER = 'https://download.microsoft.com/download/b/8/a/b8a2fb98-0ec1-41e5-be98-9d8b5abf7856'

interface Part {
  readonly name: string
  readonly file: (version: string) => string
  readonly isListed: boolean
}

const PARTS: Readonly<Record<'runtime' | 'sdk', Part>> = {
  // reports call it the SDK, and show the version of the runtime
  runtime: {
    name: 'service-fabric-runtime',
    file: (version) => `MicrosoftServiceFabric.${version}.exe`,
    isListed: true,
  },
  sdk: {
    name: 'service-fabric-sdk',
    file: (version) => `MicrosoftServiceFabricSDK.${version}.msi`,
    isListed: false,
  },
}

/** `serviceFabric`: runtime and SDK, with the SHA-256 of their installers. */
export const serviceFabric: Section = {
  key: 'serviceFabric',
  rows: (value, image) =>
    members(value, {
      runtime: (at) => partRow(at, 'runtime', image),
      sdk: (at) => partRow(at, 'sdk', image),
    }),
}

function* partRow(of: Located, tool: keyof typeof PARTS, image: ToolsetImage): Iterable<Wanted> {
  const version = told(of, 'version')
  if (version === undefined) return
  const { name, file, isListed } = PARTS[tool]
  const checksum = of.get('checksum')
  const sha256 = sha256Of(checksum?.text())
  if (checksum !== undefined && sha256 === undefined) checksum.fault('is no SHA-256')
  const supply = (text: string): Supply => ({
    kind: 'toolset',
    version: text,
    url: `${FOLDER}/${file(text)}`,
    ...(sha256 !== undefined && { sha256 }),
  })
  const listing = isListed ? asTool(['Service Fabric SDK'], 'exact') : undefined
  yield versionRow({ section: 'serviceFabric', tool, name, listing, supply }, version, image)
}
