import { own } from '../../own.ts'
import type { Listing } from '../section.ts'

/** Extras of Google's repository, as reports call them. */
const EXTRAS: Readonly<Record<string, string>> = {
  'android;m2repository': 'Android Support Repository',
  'google;m2repository': 'Google Repository',
  'google;google_play_services': 'Google Play services',
}

/** First parts of packages' ids, as reports call them. CMake here is Android's own. */
const PARTS: Readonly<Record<string, string>> = {
  'build-tools': 'Android SDK Build-tools',
  cmake: 'CMake',
  'cmdline-tools': 'Android Command Line Tools',
  emulator: 'Android Emulator',
  ndk: 'NDK',
  patcher: 'SDK Patch Applier v4',
  'platform-tools': 'Android SDK Platform-Tools',
  platforms: 'Android SDK Platforms',
  tools: 'Android SDK Tools',
}

/** How an extra is listed. @returns undefined for what reports never list */
export function extraListing(id: string): Listing | undefined {
  const name = own(EXTRAS, id)
  return name === undefined ? undefined : newest(name)
}

/** How a package is listed, by an id such as `cmake;3.31.5` or `platform-tools`. */
export function partListing(id: string): Listing | undefined {
  const [part = id, version] = id.split(';')
  const name = own(PARTS, part)
  if (name === undefined) return undefined
  // the build number of older ones (3.10.2.4988404) is in no report
  const exact = /^(?:android-)?(\d+(?:\.\d+){0,2})/.exec(version ?? '')?.[1]
  if (exact === undefined) return newest(name)
  return { classes: ['android'], names: [name], rule: 'fits', spec: exact, version: platformVersion }
}

function newest(name: string): Listing {
  return { classes: ['android'], names: [name], rule: 'newest' }
}

/** `android-36`, `android-34-ext8 (rev 1)`: of level 36, 34. */
export function platformVersion(listed: string): string {
  return /^android-(\d+(?:\.\d+)?)/.exec(listed)?.[1] ?? listed
}
