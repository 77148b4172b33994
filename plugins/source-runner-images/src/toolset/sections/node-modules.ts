import type { Section } from '../section.ts'
import { npmRows } from './npm.ts'

/** `node_modules`: what npm installs for all users of Ubuntu. */
export const nodeModules: Section = {
  key: 'node_modules',
  rows: (value, image) => npmRows('node_modules', value, image),
}
