import { describe, expect, it } from 'vitest'
import { COMMANDS, GLOBAL_OPTIONS, GROUPS } from '../src/commands/table.ts'
import { parseCount } from '../src/counts.ts'
import { parseDuration } from '../src/durations.ts'
import { UsageError } from '../src/failure.ts'
import { parse } from '../src/program.ts'

const DAY = 86_400_000

describe('time spans', () => {
  it.each([
    ['30d', 30 * DAY],
    ['12h', DAY / 2],
    ['90m', 5_400_000],
    ['45s', 45_000],
    ['2w', 14 * DAY],
    ['1d12h', DAY * 1.5],
    ['0d', 0],
    ['', undefined],
    ['30', undefined],
    ['d', undefined],
    ['-3d', undefined],
    ['1.5h', undefined],
    ['3 d', undefined],
    ['3y', undefined],
    ['9999999999d', undefined],
  ])('%j is %j ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })
})

describe('counts', () => {
  it.each([
    ['0', 0],
    ['12', 12],
    ['007', 7],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 1', undefined],
    ['all', undefined],
    ['9999999999', undefined],
  ])('%j is %j', (text, count) => {
    expect(parseCount(text)).toBe(count)
  })
})

function understood(line: string) {
  const parsed = parse(line.split(' '), '1.2.3')
  if (parsed.kind !== 'command') throw new Error(parsed.text)
  const { color, ...options } = parsed.options
  return { name: parsed.spec.name, args: parsed.args, options, color }
}

describe('command lines', () => {
  it.each([
    ['run', 'run', [], {}],
    ['run --node a --node b', 'run', [], { node: ['a', 'b'] }],
    ['run --only toolcache --only java', 'run', [], { only: ['toolcache', 'java'] }],
    ['plan --only java', 'plan', [], { only: ['java'] }],
    ['fetch --only java', 'fetch', [], { only: ['java'] }],
    ['distribute --only java --prune', 'distribute', [], { only: ['java'], prune: true }],
    ['--store /s run --require tofu', 'run', [], { store: '/s', require: 'tofu' }],
    ['--store /s list --store /t --json', 'list', [], { store: '/t', json: true }],
    ['ensure runc@1.3.0 --arch arm64', 'ensure', ['runc@1.3.0'], { arch: 'arm64' }],
    ['prune --older-than 1d --dry-run', 'prune', [], { olderThan: DAY, dryRun: true }],
    ['report', 'report', [], { format: 'text' }],
    ['run --rehash --max-failures 0 --prune', 'run', [], { rehash: true, maxFailures: 0, prune: true }],
    ['distribute --prune --node w* --node !w3', 'distribute', [], { prune: true, node: ['w*', '!w3'] }],
    [
      'ensure a@1 --node x --rehash --max-failures 2',
      'ensure',
      ['a@1'],
      { node: ['x'], rehash: true, maxFailures: 2 },
    ],
    ['nodes --node zone=a --rehash --json', 'nodes', [], { node: ['zone=a'], rehash: true, json: true }],
    ['sources inspect --report a.json', 'sources inspect', [], { report: 'a.json' }],
    ['sources diff run plan --output f', 'sources diff', ['run', 'plan'], { output: 'f' }],
    [
      '--store /s sources --json inspect --report r',
      'sources inspect',
      [],
      { store: '/s', json: true, report: 'r' },
    ],
  ])('%s', (line, name, args, options) => {
    expect(understood(line)).toEqual({ name, args, options, color: true })
  })

  it('takes --no-color before and after the command', () => {
    const lines = ['--no-color run', 'run --no-color', 'sources --no-color inspect --report r']
    expect(lines.map((line) => understood(line).color)).toEqual([false, false, false])
  })
})

function usageFault(line: string): string {
  try {
    parse(line === '' ? [] : line.split(' '), '1.2.3')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return `${error.message} | ${error.hint}`
  }
  return 'no fault'
}

describe('usage faults', () => {
  it.each([
    ['', 'no command given | pkgcache --help lists the commands'],
    ['rum', "unknown command 'rum' | Did you mean run? See pkgcache --help"],
    ['run --jsn', "unknown option '--jsn' | Did you mean --json? See pkgcache run --help"],
    ['path', "missing required argument 'name@version' | see pkgcache path --help"],
    ['list x', "too many arguments for 'list'. Expected 0 arguments but got 1. | see pkgcache list --help"],
    [
      'prune --older-than 3y',
      "option '--older-than <span>' argument '3y' is invalid. Expected a time span such as 30d, 12h or 90m. | see pkgcache prune --help",
    ],
    [
      'run --require most',
      "option '--require <level>' argument 'most' is invalid. Allowed choices are signed, pinned, checksum-file, tofu, unverified. | see pkgcache run --help",
    ],
    [
      'distribute --max-failures -1',
      "option '--max-failures <n>' argument '-1' is invalid. Expected a whole number, 0 or more. | see pkgcache distribute --help",
    ],
    [
      'run --max-failures some',
      "option '--max-failures <n>' argument 'some' is invalid. Expected a whole number, 0 or more. | see pkgcache run --help",
    ],
    ['ensure a@1 --prune', "unknown option '--prune' | see pkgcache ensure --help"],
    ['help nothing', "unknown command 'nothing' | pkgcache --help lists the commands"],
    ['sources insepct', "unknown command 'insepct' | Did you mean inspect? See pkgcache sources --help"],
    ['sources frob', "unknown command 'frob' | see pkgcache sources --help"],
    ['sources help nothing', "unknown command 'nothing' | pkgcache sources --help lists the commands"],
    [
      'sources inspect',
      "required option '--report <place>' not specified | see pkgcache sources inspect --help",
    ],
    [
      'sources inspect --reprt x',
      "unknown option '--reprt' | Did you mean --report? See pkgcache sources inspect --help",
    ],
    ['sources diff plan', "missing required argument 'new' | see pkgcache sources diff --help"],
    ['sources --rport x', "unknown option '--rport' | see pkgcache sources --help"],
  ])('%j', (line, fault) => {
    expect(usageFault(line)).toBe(fault)
  })

  it.each(Object.keys(GROUPS))('%s alone lists what may follow', (group) => {
    const names = COMMANDS.flatMap(({ name }) => (name.startsWith(`${group} `) ? name.split(' ')[1] : []))
    for (const line of [group, `${group} --json`])
      expect(usageFault(line)).toBe(
        `no command given: ${group} takes one of ${names.join(', ')} | pkgcache ${group} --help lists the commands`,
      )
  })
})

function helpOn(...words: string[]): string {
  const parsed = parse(words, '1.2.3')
  return parsed.kind === 'text' ? parsed.text : ''
}

describe('help', () => {
  it.each(COMMANDS.map((spec) => [spec.name, spec] as const))(
    '%s shows its options and its example',
    (name, spec) => {
      const text = helpOn(...name.split(' '), '--help')
      for (const { flags } of [...spec.options, ...GLOBAL_OPTIONS]) expect(text).toContain(flags)
      expect(text).toContain(`Example:\n  ${spec.example[0]}\n    ${spec.example[1]}`)
    },
  )

  it('lists every command and every group once, and the commands of a group there', () => {
    const entries = (text: string, name: string) => text.match(new RegExp(`^  ${name} `, 'gm')) ?? []
    for (const { name } of COMMANDS) {
      const [last = '', ...group] = name.split(' ').reverse()
      expect(entries(helpOn(...group, '--help'), last)).toHaveLength(1)
    }
    for (const group of Object.keys(GROUPS)) {
      expect(entries(helpOn('--help'), group)).toHaveLength(1)
      expect(helpOn('help', group)).toBe(helpOn(group, '--help'))
    }
  })

  it('on a command of a group is got in two ways', () => {
    expect(helpOn('sources', 'help', 'inspect')).toBe(helpOn('sources', 'inspect', '--help'))
  })

  it('knows the version', () => {
    expect(parse(['--version'], '1.2.3')).toEqual({ kind: 'text', text: '1.2.3' })
  })

  it('gives examples that parse', () => {
    for (const { example } of COMMANDS) {
      const words = example[0]
        .split(/ (?:&&|\|\|) /)
        .flatMap((part) => part.match(/pkgcache ([^)"]+)/)?.[1] ?? [])
      for (const line of words) expect(usageFault(line)).toBe('no fault')
    }
  })
})
