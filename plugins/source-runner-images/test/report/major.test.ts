import { describe, expect, it } from 'vitest'
import { majorOf } from '../../src/report/major.ts'

function major(majorVersionRegex: string | null, version: string, name = 'x'): string {
  return majorOf(version, {
    kind: 'list',
    name,
    versions: [],
    listType: 'List',
    majorVersionRegex,
    path: '$',
  })
}

describe('the major of a version', () => {
  it.each([
    ['^\\d+', '22.17.1', '22'],
    ['^\\d+\\.\\d+', '3.9.13', '3.9'],
    ['^\\d+\\.\\d+\\.\\d', '8.0.302', '8.0.3'],
    ['^\\d+\\.\\d+\\.\\d{3}', '8.0.302', '8.0.302'],
    ['^.+', '10.0.26100.0', '10.0.26100.0'],
    ['^\\d+', 'next', 'next'],
    ['', '1.2', '1.2'],
    ['(', '1.2', '1.2'],
    ['^(\\d+)+$', '1.2', '1.2'],
    ['^\\d+\\d+\\d+\\d+', '1234.5', '1234.5'],
    ['^[0-9]+', '1.2', '1.2'],
  ])('%s of %s is %s', (regex, version, expected) => {
    expect(major(regex, version)).toBe(expected)
  })

  it.each([
    ['Python', '3.9.13', '3.9'],
    ['.NET Core SDK', '8.0.302', '8.0.3'],
    ['Node.js', '22.17.1', '22'],
  ])('is told by the name where the report is older: %s %s', (name, version, expected) => {
    expect(major(null, version, name)).toBe(expected)
  })

  it('is found soon, whatever the report asks for', () => {
    expect(major('^.+.+.+x', '.'.repeat(1_000_000))).toHaveLength(1_000_000)
  })
})
