import { type Template, template } from '../../resolvers/index.ts'
import type { Supply, ToolsetImage } from '../section.ts'

/** A supply of what is asked for, on an image. */
export type SupplyOf = (spec: string, image: ToolsetImage) => Supply

/** It comes through a package manager of the image. */
export function packageManager(manager: string): SupplyOf {
  const supply: Supply = {
    kind: 'elsewhere',
    evidence: 'package-manager',
    reason: `${manager} brings it, not a URL of its own`,
  }
  return () => supply
}

/** Its file cannot be told from its version. @param page what a person finds it on */
export function floating(reason: string, page?: string): Supply {
  return {
    kind: 'elsewhere',
    evidence: 'floating',
    reason: page === undefined ? reason : `${reason}: see ${page}`,
  }
}

/** One file, which is of whatever version is current. */
export function floatingFile(reason: string, url: string): Supply {
  return { kind: 'elsewhere', evidence: 'floating', reason, url }
}

/** The project's own file of a version, by its convention. */
export function vendor(of: Template | string): SupplyOf {
  return (spec, { platform, arch, platformVersion }) => ({
    kind: 'resolver',
    resolver: template(of),
    query: {
      tool: typeof of === 'string' ? of : of.tool,
      spec,
      platform,
      arch,
      ...(platformVersion !== undefined && { platformVersion }),
    },
  })
}

/** Another one on each system. */
export function bySystem(of: Readonly<Record<ToolsetImage['platform'], SupplyOf>>): SupplyOf {
  return (spec, image) => of[image.platform](spec, image)
}

export const chocolatey: SupplyOf = packageManager('Chocolatey')
export const apt: SupplyOf = packageManager('apt')
export const homebrew: SupplyOf = packageManager('Homebrew')

/** The system's own package manager, on each. */
export const systemPackage: SupplyOf = bySystem({ win32: chocolatey, linux: apt, darwin: homebrew })

/** SHA-256, in lower case. @returns undefined for what is none */
export function sha256Of(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined
}
