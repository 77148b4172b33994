import { describe, expect, it } from 'vitest'
import { shownUrl } from '../../src/net/shown-url.ts'

describe('a URL in a message', () => {
  it.each([
    ['https://host.example/a/b.tar.gz', 'https://host.example/a/b.tar.gz'],
    ['https://user:s3cret@host.example:8443/a?token=s3cret#s3cret', 'https://host.example:8443/a'],
    ['https://s3cret@host.example/', 'https://host.example/'],
    ['file:///srv/a%20b?s3cret', 'file:///srv/a%20b'],
    ['http://user:s3cret@host:port/a?token=s3cret', 'http://host:port/a'],
    ['http://user:s3@cret@[/a', 'http://[/a'],
    ['no url\u001b[31m?s3cret', 'no url\\u001b[31m'],
    ['', ''],
  ])('%j is shown as %j', (url, shown) => {
    expect(shownUrl(url)).toBe(shown)
    if (URL.canParse(url)) expect(shownUrl(new URL(url))).toBe(shown)
  })
})
