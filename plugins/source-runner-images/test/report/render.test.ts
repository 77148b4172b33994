import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/index.ts'
import { header, list, note, read, table, tool } from './kit.ts'

const FENCE = '```'

describe('a report as Markdown', () => {
  it('has a level for every header, lines for tools, and tables of one width', () => {
    const report = read(
      header('Windows 11', [
        tool('OS Version:', '10.0'),
        header('Windows features', []),
        header('Installed Software', [
          header('Tools', [
            tool('Git', '2.1'),
            list('Clang', ['16.0.6', '17.0.6'], 'Inline'),
            header('Notes', note('one\n\ntwo')),
          ]),
          header('Cached Tools', [list('Go', ['1.2', '1.3']), list('Node.js', [22.1])]),
          header('Databases', [
            tool('sqlite3', '3'),
            note('User: x'),
            header('Variables', table('Name|Value', 'A|-', 'LONGER|C:\\a ', '-|---')),
          ]),
        ]),
      ]),
    )
    expect(renderReport(report).split('\n')).toEqual([
      '# Windows 11',
      '- OS Version: 10.0',
      '',
      '## Windows features',
      '',
      '## Installed Software',
      '',
      '### Tools',
      '- Git 2.1',
      '- Clang: 16.0.6, 17.0.6',
      '',
      '#### Notes',
      FENCE,
      'one',
      '',
      'two',
      FENCE,
      '',
      '### Cached Tools',
      '',
      '#### Go',
      '- 1.2',
      '- 1.3',
      '',
      '#### Node.js',
      '- 22.1',
      '',
      '### Databases',
      '- sqlite3 3',
      FENCE,
      'User: x',
      FENCE,
      '',
      '#### Variables',
      '| Name   | Value |',
      '| ------ | ----- |',
      '| A      | ----- |',
      '| LONGER | C:\\a  |',
      '| ------ | ---   |',
    ])
  })

  it.each<[what: string, node: unknown, lines: string[]]>([
    ['ToolNode', { NodeType: 'ToolNode', ToolName: 'Git', Version: '2.1' }, ['- Git 2.1']],
    [
      'ToolVersionsNode',
      { NodeType: 'ToolVersionsNode', ToolName: 'Go', Versions: ['1.1'] },
      ['', '## Go', '- 1.1'],
    ],
    ['a list that does not say how', { ...list('Go', ['1.1']), ListType: undefined }, ['', '## Go', '- 1.1']],
    ['INLINE', list('Go', ['1.1'], 'INLINE'), ['- Go: 1.1']],
    ['columns that are not known', table('A|B', 'x|y'), ['| A | B |', '| - | - |', '| x | y |']],
    ['a table without rows', table('A|B'), ['| A | B |', '| - | - |']],
    [
      'too few cells and too many',
      table('A|B', 'x', 'x|y|z'),
      ['| A | B |', '| - | - |', '| x |   |', '| x | y |'],
    ],
    ['what stands there, as it is', tool('<b>', '`a` &amp; \\~'), ['- <b> `a` &amp; \\~']],
  ])('%s', (_what, node, lines) => {
    expect(renderReport(read(header('x', node))).split('\n')).toEqual(['# x', ...lines])
  })
})
