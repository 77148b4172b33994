import { expect, it } from 'vitest'
import { lockedUrl } from '../../src/lockfile/locked-url.ts'

const mask = (text: string) => text.replaceAll('hunter22', '***')

it.each([
  ['https://dl.example/tool.tar', 'https://dl.example/tool.tar'],
  ['https://me:pw@dl.example/tool.tar', 'https://dl.example/tool.tar'],
  ['https://token@dl.example/tool.tar', 'https://dl.example/tool.tar'],
  ['https://dl.example/tool.tar#access_token=x', 'https://dl.example/tool.tar'],
  ['https://dl.example/t?token=x', 'https://dl.example/t'],
  ['https://dl.example/t?a=1&access_token=x&b=%20', 'https://dl.example/t?a=1&b=%20'],
  ['https://dl.example/t?%74oken=x&a=1', 'https://dl.example/t?a=1'],
  [
    'https://dl.example/t?X-Amz-Date=1&X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-Security-Token=t',
    'https://dl.example/t?X-Amz-Date=1',
  ],
  ['https://dl.example/t?sv=1&sig=s', 'https://dl.example/t?sv=1'],
  ['https://dl.example/t?Key-Pair-Id=k&Policy=p&Signature=s', 'https://dl.example/t'],
  ['https://dl.example/t?apikey=k&api_key=k&AWSAccessKeyId=k', 'https://dl.example/t'],
  ['https://dl.example/t?x=ghp_abc&y=eyJhbGciOi&z=glpat-1', 'https://dl.example/t'],
  [
    'https://dl.example/t?design=a&author=b&monkey-id=c&keyword=d',
    'https://dl.example/t?design=a&author=b&monkey-id=c&keyword=d',
  ],
  ['https://dl.example/t?%zz=1&a', 'https://dl.example/t?%zz=1&a'],
  ['https://dl.example/hunter22/t', 'https://dl.example/***/t'],
  ['sha256 of hunter22', 'sha256 of ***'],
])('%s is locked as %s', (url, locked) => {
  expect(lockedUrl(url, mask)).toBe(locked)
})
