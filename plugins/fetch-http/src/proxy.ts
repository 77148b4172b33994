import { BlockList, isIP } from 'node:net'
import { PkgcacheError, shownUrl } from '@pkgcache/core'

/** The variables that name proxies, in both cases; lower case wins, as in curl. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

const DEFAULT_PORT: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/**
 * The proxy for `url` by `http_proxy`, `https_proxy` and `no_proxy`, or undefined for a direct connection.
 * A proxy without a scheme is an http one.
 * @throws E_CONFIG when the variable holds no URL of an http or https proxy
 */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const value = env[name] ?? env[name.toUpperCase()] ?? ''
  if (value === '' || isExempt(url, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined
  const text = value.includes('://') ? value : `http://${value}`
  if (URL.canParse(text)) {
    const proxy = new URL(text)
    if (proxy.protocol in DEFAULT_PORT) return proxy
  }
  throw new PkgcacheError(
    'E_CONFIG',
    `${name.toUpperCase()} holds ${shownUrl(text)}, which is no http or https proxy`,
    {
      hint: `set ${name.toUpperCase()} to http://host:port, or unset it`,
    },
  )
}

/** NO_PROXY: `*`, hosts with their subdomains, `host:port`, addresses and CIDR blocks, parted by commas or spaces. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port === '' ? DEFAULT_PORT[url.protocol] : url.port
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && (entry === '*' || matches(entry, host, port)))
}

function matches(entry: string, host: string, port: string | undefined): boolean {
  if (isIP(host) !== 0 && entry.includes('/')) return inBlock(host, entry)
  const split = isIP(entry) === 6 ? null : /^(.+):(\d+)$/.exec(entry)
  if (split !== null && split[2] !== port) return false
  const name = (split?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  return host === name || host.endsWith(`.${name}`)
}

function inBlock(host: string, entry: string): boolean {
  const [address = '', prefix = ''] = entry.split('/')
  const family = isIP(address)
  if (family !== isIP(host) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
    return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(address, Number(prefix), type)
  return block.check(host, type)
}
