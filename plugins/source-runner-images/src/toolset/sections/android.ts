import type { Located } from '../../located.ts'
import type { Listing, Section, ToolsetImage, Wanted } from '../section.ts'
import { commandLineTools, sdkTools } from './android-archives.ts'
import { extraListing, partListing, platformVersion } from './android-names.ts'
import { listed, members, placed, type Told, texts, toldAt } from './rows.ts'
import { packageManager } from './supplies.ts'

/** `android`: the command line tools as a file, the rest as packages of `sdkmanager`. */
export const android: Section = {
  key: 'android',
  rows(value, image) {
    const each = (row: (of: Told) => Wanted) => (list: Located) => [...texts(list)].map(row)
    const extras = each((of) => packageRow(of, extraListing(of.text), image))
    const addons = each((of) => packageRow(of, addonListing(of.text), image))
    const tools = each((of) => packageRow(of, partListing(of.text), image))
    return members(value, {
      commandline_tools_url: (at) => commandLineTools(at, image, value.get('hash')),
      hash: () => [],
      'cmdline-tools': (at) => commandLineTools(at, image),
      'sdk-tools': (at) => sdkTools(at, image),
      platform_min_version: (at) =>
        minimumRow('platforms', 'Android SDK Platforms', at, image, platformVersion),
      build_tools_min_version: (at) => minimumRow('build-tools', 'Android SDK Build-tools', at, image),
      extras,
      extra_list: extras,
      'extra-list': extras,
      addons,
      addon_list: addons,
      'addon-list': addons,
      additional_tools: tools,
      'additional-tools': tools,
      ndk: (at) => ndkRows(at, image),
    })
  },
}

const sdkmanager = packageManager('sdkmanager')

function packageRow(of: Told, listing: Listing | undefined, image: ToolsetImage): Wanted {
  return {
    ...placed('android', of.at, image),
    tool: of.text,
    requested: listing?.spec ?? '*',
    ...(listing && { listing }),
    supply: sdkmanager('*', image),
  }
}

function addonListing(id: string): Listing {
  return { classes: ['android'], names: ['Google APIs'], rule: 'exact', spec: id }
}

/** Everything from a version on. */
function* minimumRow(
  tool: string,
  name: string,
  at: Located,
  image: ToolsetImage,
  version?: (listed: string) => string,
): Iterable<Wanted> {
  const least = toldAt(at)
  if (least === undefined) return
  yield {
    ...placed('android', at, image),
    tool,
    requested: least.text,
    listing: { classes: ['android'], names: [name], rule: 'minimum', ...(version && { version }) },
    supply: sdkmanager(least.text, image),
  }
}

/** By their majors. `default` only says which one the variables lead to, unless there is no list. */
function* ndkRows(ndk: Located, image: ToolsetImage): Iterable<Wanted> {
  const versions = listed(ndk, 'versions')
  const single = ['default', 'lts', 'latest'].flatMap((key) => ndk.get(key) ?? [])
  const majors = versions.length > 0 ? versions : single.flatMap((at) => toldAt(at) ?? [])
  if (majors.length === 0) ndk.fault('has no versions')
  for (const { at, text } of majors) {
    yield {
      ...placed('android', at, image),
      tool: 'ndk',
      requested: text,
      listing: { classes: ['android'], names: ['NDK'], rule: 'fits' },
      supply: sdkmanager(text, image),
    }
  }
}
