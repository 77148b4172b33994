import type { Section } from '../section.ts'
import { dotnet } from './dotnet.ts'
import { java } from './java.ts'
import { node } from './node.ts'
import { toolcache } from './toolcache.ts'

/** Every section that is known, in the order that reports show them. */
export const SECTIONS: readonly Section[] = [toolcache, node, java, dotnet]
