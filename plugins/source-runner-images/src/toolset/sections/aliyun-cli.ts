import type { Section, Supply } from '../section.ts'
import { asTool, told, versionRow } from './rows.ts'
import { floating, sha256Of } from './supplies.ts'

const RELEASES = 'https://github.com/aliyun/aliyun-cli/releases'

/** `aliyunCli`: Alibaba's command; Ubuntu 20.04 pins it with its digest. */
export const aliyunCli: Section = {
  key: 'aliyunCli',
  *rows(value, image) {
    const version = told(value, 'version')
    if (version === undefined) return
    const sha256 = sha256Of(value.get('sha256')?.text())
    yield versionRow(
      {
        section: 'aliyunCli',
        tool: 'aliyunCli',
        name: 'aliyun-cli',
        listing: asTool(['Alibaba Cloud CLI', 'Aliyun CLI']),
        supply: (spec) => supply(spec, sha256),
      },
      version,
      image,
    )
  },
}

function supply(version: string, sha256: string | undefined): Supply {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return floating('the newest is taken, whatever that is', RELEASES)
  const url = `${RELEASES}/download/v${version}/aliyun-cli-linux-${version}-amd64.tgz`
  return { kind: 'toolset', version, url, ...(sha256 !== undefined && { sha256 }) }
}
