import { describe, expect, it } from 'vitest'
import { jsonFaultOffset } from '../src/json-fault.ts'

describe('where a text stops being JSON', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['{1:1}', 1],
    ['{"a":1 "b":2}', 7],
    ['[1,2', 4],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[,1]', 1],
    ['[1}', 2],
    ['{"a":1]', 6],
    ['nul', 3],
    ['nuls', 3],
    ['[ture]', 2],
    ['?', 0],
    ['{"a":tru}', 8],
    ['{tru', 1],
    ['"abc', 4],
    ['"a\nb"', 2],
    ['"a\\x"', 2],
    ['"\\u12"', 1],
    ['[01]', 2],
    ['[1.]', 2],
    ['[-]', 1],
    ['[1]x', 3],
    ['[1][', 3],
    ['{"a":[{"b":"c"},\n\n},{}]}', 18],
    ["['a']", 1],
    ['{"a":1, // no', 8],
    [`${'['.repeat(200_000)}`, 200_000],
    [`["${'x'.repeat(2_000_000)}", ]`, 2_000_005],
  ])('%j', (text, offset) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonFaultOffset(text)).toBe(offset)
  })
})
