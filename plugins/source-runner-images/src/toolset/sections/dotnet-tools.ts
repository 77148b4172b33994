import type { Located } from '../../located.ts'
import type { ToolsetImage, Wanted } from '../section.ts'
import { asTool, named, placed, texts } from './rows.ts'
import { apt, packageManager } from './supplies.ts'

const nuget = packageManager('NuGet (dotnet tool install)')

/** `dotnet.tools`: commands that `dotnet tool` installs. Reports show a commit behind the version. */
export function* dotnetToolRows(tools: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of tools.list()) {
    const name = named(entry)
    if (name === undefined) continue
    const version = entry.isObject ? entry.get('version')?.text() : undefined
    const listing = asTool([name.text], version === undefined ? 'newest' : 'fits')
    yield {
      ...placed('dotnet.tools', entry, image),
      tool: name.text,
      requested: version ?? '*',
      listing: { ...listing, version: (listed) => listed.replace(/\+[0-9a-f]+$/, '') },
      supply: nuget(version ?? '*', image),
    }
  }
}

/** `dotnet.aptPackages`: SDKs of Ubuntu's own, by their channel: `dotnet-sdk-8.0`. */
export function* dotnetAptRows(packages: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const { at, text } of texts(packages)) {
    const channel = /^dotnet-sdk-(\d+\.\d+)$/.exec(text)?.[1]
    yield {
      ...placed('dotnet.aptPackages', at, image),
      tool: text,
      requested: channel ?? '*',
      // of the SDKs of a channel, apt brings the newest
      ...(channel !== undefined && {
        listing: {
          classes: ['list'],
          names: ['.NET Core SDK', '.NET SDK'],
          rule: 'all',
          group: () => channel,
        },
      }),
      supply: apt('*', image),
    }
  }
}
