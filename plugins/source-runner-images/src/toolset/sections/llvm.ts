import { LLVM } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { bySystem, systemPackage, vendor } from './supplies.ts'

/** `llvm`: beside Apple's own on macOS. */
export const llvm: Section = versionSection({
  section: 'llvm',
  tool: 'llvm',
  listing: asTool(['LLVM', 'Clang/LLVM (Homebrew)']),
  supply: bySystem({ win32: vendor(LLVM), linux: systemPackage, darwin: systemPackage }),
})
