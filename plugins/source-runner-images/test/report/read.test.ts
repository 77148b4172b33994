import { describe, expect, it } from 'vitest'
import { diffReports } from '../../src/report/diff.ts'
import { renderDiff } from '../../src/report/render-diff.ts'
import { brief, faults, header, image, list, note, read, table, tool } from './kit.ts'

const KNOWN = 'HeaderNode, ToolVersionNode, ToolVersionsListNode, TableNode and NoteNode are known'

describe('classes by place', () => {
  const report = read(
    header('Windows Server 2025', [
      tool('OS Version:', '10.0.26100 Build 4656'),
      tool('Image Version:', '20250720.1.0'),
      header('Windows features', [tool('WSL (Default, WSLv2):', '2.5.9.0'), tool('WSL (WSLv1):', 'Enabled')]),
      header('Installed Software', [
        header('Tools', [tool('Git', '2.50.1.windows.1'), list('Clang', ['16.0.6', '17.0.6'], 'Inline')]),
        header('Cached Tools', [
          list('Go', ['1.24.5'], 'Inline'),
          tool('Lone', '1.0'),
          header('More', [list('PyPy', ['3.9.19 [PyPy 7.3.16]'])]),
        ]),
        header('PowerShell Tools', [
          header('Powershell Modules', [list('Pester', ['3.4.0', '5.7.1'], 'Inline')]),
        ]),
        header('MSYS2', [header('Notes', note('Location: C:\\msys64'))]),
      ]),
    ]),
  )

  it('are those of the headers above', () => {
    expect(faults(report)).toEqual([])
    expect(brief(report)).toEqual([
      'image-info OS Version 10.0.26100',
      'image-info Image Version 20250720.1.0',
      'feature WSL (Default, WSLv2) 2.5.9.0',
      'feature WSL (WSLv1) –',
      'tool Git 2.50.1.windows.1',
      'list Clang 16.0.6',
      'list Clang 17.0.6',
      'cached-tool Go 1.24.5',
      'tool Lone 1.0',
      'cached-tool PyPy 3.9.19',
      'ps-module Pester 3.4.0',
      'ps-module Pester 5.7.1',
      'note Notes –',
    ])
  })

  it('come with the raw text, the section and the JSON path', () => {
    expect(report.entries[9]).toEqual({
      class: 'cached-tool',
      name: 'PyPy',
      version: '3.9.19',
      raw: '3.9.19 [PyPy 7.3.16]',
      section: ['Installed Software', 'Cached Tools', 'More'],
      path: '$.Children[3].Children[1].Children[2].Children[0]',
    })
    expect(report.entries[0]).toMatchObject({ raw: '10.0.26100 Build 4656', section: [] })
    expect(report.entries[12]).toMatchObject({
      raw: 'Location: C:\\msys64',
      path: '$.Children[3].Children[3].Children[0].Children',
    })
  })

  it('keep all versions of a text that has several', () => {
    const { entries } = image('1', header('Tools', tool('CodeQL Action Bundles', '2.12.5 2.12.6')))
    expect(entries.at(-1)).toMatchObject({
      version: '2.12.5',
      versions: ['2.12.5', '2.12.6'],
      raw: '2.12.5 2.12.6',
    })
  })
})

describe('the image', () => {
  const java = (...variables: string[]) =>
    header('Java', table('Version|Environment Variable', ...variables.map((name) => `1.0|${name}`)))
  it.each([
    ['Windows Server 2022', ['JAVA_HOME_8_X64', 'JAVA_HOME_11_X64'], 'win32', 'x64'],
    ['Windows 11 Enterprise', ['JAVA_HOME_21_AARCH64'], 'win32', 'arm64'],
    ['Ubuntu 24.04', ['JAVA_HOME_8_X64'], 'linux', 'x64'],
    ['Ubuntu-Slim', [], 'linux', null],
    ['macOS 15', ['JAVA_HOME_21_arm64'], 'darwin', 'arm64'],
    ['macOS 13', ['JAVA_HOME_21_X64'], 'darwin', 'x64'],
    ['macOS 11', ['JAVA_HOME_11_X64', 'GRAALVM_11_ROOT'], 'darwin', 'x64'],
    ['Darwin', ['JAVA_HOME_21_X64', 'JAVA_HOME_21_arm64'], null, null],
  ] as const)('%s %j is %s %s', (title, variables, platform, arch) => {
    const report = read(header(title, [tool('image version', ' 20250720.1 '), java(...variables)]))
    expect(report.image).toEqual({ name: title, version: '20250720.1', platform, arch })
  })

  it('has no version where the report names none, or only below a header', () => {
    expect(read(header('macOS 15')).image.version).toBeNull()
    expect(read(header('macOS 15', header('x', tool('Image Version:', '1')))).image.version).toBeNull()
  })
})

describe('forms of nodes', () => {
  it.each<[what: string, node: unknown, entries: string[]]>([
    ['no children', header('Tools', null), []],
    ['one child', header('Tools', tool('Git', '2.1')), ['tool Git 2.1']],
    ['empty places', header('Tools', [null, tool('Git', '2.1'), null]), ['tool Git 2.1']],
    ['ToolNode', { NodeType: 'ToolNode', ToolName: 'Git:', Version: '2.1' }, ['tool Git 2.1']],
    [
      'ToolVersionsNode',
      { NodeType: 'ToolVersionsNode', ToolName: 'Go', Versions: ['1.1'] },
      ['list Go 1.1'],
    ],
    ['another case', { NodeType: 'toolversionnode', ToolName: 'Git', Version: '2.1' }, ['tool Git 2.1']],
    ['one version, no list', list('Go', '1.24.5'), ['list Go 1.24.5']],
    [
      'numbers',
      header('Tools', [tool('Git', 2.5), list('Go', [1, 1.5])]),
      ['tool Git 2.5', 'list Go 1', 'list Go 1.5'],
    ],
    ['one row, no list', { ...table('Package|Version'), Rows: 'a|1' }, ['vs-component a 1']],
  ])('%s', (_what, node, entries) => {
    const report = image('1', node)
    expect(faults(report)).toEqual([])
    expect(brief(report).slice(2)).toEqual(entries)
  })
})

describe('faults', () => {
  const at = '$.Children[2].Children[0]'
  it.each<[what: string, node: unknown, path: string, message: string]>([
    ['an unknown type', { NodeType: 'ChartNode' }, '', 'there is no node type "ChartNode"'],
    ['a type of every object', { NodeType: 'constructor' }, '', 'there is no node type "constructor"'],
    ['a type that is no text', { NodeType: 5 }, '', 'there is no node type 5'],
    ['no type', { ToolName: 'Git' }, '', 'has no NodeType'],
    ['a text', 'Git', '', 'is no node: nodes are objects with a NodeType'],
    ['a list', [], '', 'is no node: nodes are objects with a NodeType'],
    [
      'children that are none',
      header('Tools', 5),
      '.Children',
      'is no node: nodes are objects with a NodeType',
    ],
    ['a header without a title', { NodeType: 'HeaderNode' }, '', 'has no Title'],
    ['a tool without a name', { NodeType: 'ToolVersionNode', Version: '1' }, '', 'has no ToolName'],
    ['a name that is no text', { ...tool('x', '1'), ToolName: ['x'] }, '.ToolName', 'is a list, not a text'],
    ['a list without a name', { ...list('x', ['1']), ToolName: null }, '', 'has no ToolName'],
    ['a table without headers', { NodeType: 'TableNode', Rows: ['a|b'] }, '', 'has no Headers'],
    ['a row that is no text', { ...table('Name|Value'), Rows: [{}] }, '.Rows[0]', 'is an object, not a text'],
    ['unknown columns', table('A|B', 'a|b'), '', 'there is no table with the columns "A|B"'],
    ['a note without content', { NodeType: 'NoteNode' }, '', 'has no Content'],
  ])('%s: the rest is read', (_what, node, path, message) => {
    const report = image('1', node, tool('Git', '2.1'))
    expect(faults(report)).toEqual([`E_SOFTWARE_REPORT r.json ${at}${path}: ${message}`])
    expect(brief(report).slice(2)).toEqual(['tool Git 2.1'])
  })

  it.each<[what: string, node: unknown, message: string, entries: string[]]>([
    [
      'a tool without a version',
      { NodeType: 'ToolVersionNode', ToolName: 'Git' },
      `${at}: has no Version`,
      ['tool Git –'],
    ],
    ['a list without versions', list('Go', null), `${at}: has no Versions`, []],
    [
      'a version that is no text',
      list('Go', [{}, '1.1']),
      `${at}.Versions[0]: is an object, not a text`,
      ['list Go 1.1'],
    ],
    [
      'a row of other cells than columns',
      table('Name|Version', 'a', 'b|2|x'),
      `${at}.Rows[0]: has 1 cells, the table has 2 columns`,
      ['table-tool a –', 'table-tool b 2'],
    ],
  ])('%s: what is there stays', (_what, node, message, entries) => {
    const report = image('1', node)
    expect(faults(report)[0]).toBe(`E_SOFTWARE_REPORT r.json ${message}`)
    expect(brief(report).slice(2)).toEqual(entries)
  })

  it('say which node types there are', () => {
    expect(image('1', { NodeType: 'x' }).faults[0]?.hint).toBe(KNOWN)
  })

  it.each([null, [], 'x', 5, {}, { NodeType: 'TableNode' }, tool('Git', '1'), [header('x')]])(
    '%j is no report',
    (value) => {
      expect(() => read(value)).toThrow('is no software report: it does not begin with a HeaderNode')
    },
  )
})

describe('hostile reports', () => {
  it('are read to a depth of fifty headers', () => {
    let node: unknown = tool('Git', '1')
    for (let depth = 0; depth < 100_000; depth++) node = header('x', [node])
    const report = read(node)
    expect(brief(report)).toEqual([])
    expect(faults(report)).toEqual([
      `E_SOFTWARE_REPORT r.json $${'.Children[0]'.repeat(50)}: headers are nested more than 50 deep`,
    ])
  })

  it('may list a great many things', () => {
    const versions = Array.from({ length: 20_000 }, (_, index) => `1.${index}`)
    const rows = { ...table('Name|Version'), Rows: versions.map((version) => `a|${version}`) }
    const report = image('1', list('Go', versions), rows)
    expect([report.entries.length, report.faults.length]).toEqual([40_002, 0])
  })

  it('may have long names', () => {
    const long = `a${': '.repeat(300_000)}b`
    const report = image('1', tool(long, '1'), list(`${long}:`, ['1']))
    expect(report.entries.map(({ name }) => name)).toEqual(['OS Version', 'Image Version', long, long])
    expect(renderDiff(diffReports(image('1'), report))).toContain(long)
  })

  it('tell of a thousand faults at most', () => {
    const report = image('1', ...Array.from({ length: 5000 }, () => ({})))
    expect(report.faults).toHaveLength(1001)
    expect(faults(report).at(-1)).toBe('E_SOFTWARE_REPORT r.json $: 4000 more faults are not listed')
  })

  it('cannot pass for something of the program', () => {
    const report = read(
      JSON.parse('{"NodeType":"HeaderNode","Title":"__proto__","__proto__":{"Children":[]}}'),
    )
    expect([report.image.name, report.entries]).toEqual(['__proto__', []])
  })
})
