import type { Located } from '../../located.ts'
import type { Supply, ToolsetImage, Wanted } from '../section.ts'
import { placed, toldAt } from './rows.ts'
import { floating, sha256Of } from './supplies.ts'

// https://developer.android.com/studio#command-line-tools-only
const REPOSITORY = 'https://dl.google.com/android/repository'
const FILE = /^[a-z-]+-(\d+)(?:_latest)?\.zip$/

/**
 * The command line tools: a URL with its SHA-256 on Windows, else a file of Google's repository. Its number is that of a
 * build; reports show another version.
 */
export function commandLineTools(at: Located, image: ToolsetImage, hash?: Located): Iterable<Wanted> {
  return archiveRow(at, image, {
    tool: 'cmdline-tools',
    name: 'android-cmdline-tools',
    listed: 'Android Command Line Tools',
    hash,
  })
}

/** The tools of before 2020, which some old builds still ask for. */
export function sdkTools(at: Located, image: ToolsetImage): Iterable<Wanted> {
  return archiveRow(at, image, { tool: 'sdk-tools', name: 'android-sdk-tools', listed: 'Android SDK Tools' })
}

interface Archive {
  readonly tool: string
  readonly name: string
  readonly listed: string
  readonly hash?: Located | undefined
}

function* archiveRow(
  at: Located,
  image: ToolsetImage,
  { tool, name, listed, hash }: Archive,
): Iterable<Wanted> {
  const file = toldAt(at)
  if (file === undefined) return
  const supply = supplyOf(file.text, hash)
  if (supply === undefined)
    return void at.fault('is no archive of these tools: a file name with a build number')
  yield {
    ...placed('android', at, image),
    tool,
    name,
    requested: supply.kind === 'toolset' ? supply.version : file.text,
    listing: { classes: ['android'], names: [listed], rule: 'newest' },
    supply,
  }
}

function supplyOf(text: string, hash: Located | undefined): Supply | undefined {
  if (text === 'latest')
    return floating('the newest is taken, whatever that is', `${REPOSITORY}/repository2-1.xml`)
  const url = text.startsWith('https://') ? text : `${REPOSITORY}/${text}`
  const version = FILE.exec(url.split('/').at(-1) ?? '')?.[1]
  if (version === undefined) return undefined
  const sha256 = sha256Of(hash?.text())
  if (hash !== undefined && sha256 === undefined) hash.fault('is no SHA-256')
  return { kind: 'toolset', version, url, ...(sha256 !== undefined && { sha256 }) }
}
