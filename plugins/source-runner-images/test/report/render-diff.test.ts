import { describe, expect, it } from 'vitest'
import { diffReports, renderDiff } from '../../src/report/index.ts'
import { header, image, list, read, table, tool } from './kit.ts'

function notes(before: unknown[], after: unknown[]): string[] {
  return renderDiff(diffReports(image('1.0', ...before), image('2.0', ...after))).split('\n')
}

const HEAD = [
  '# :desktop_computer: Actions Runner Image: macOS 15',
  '- OS Version: macOS 15.6 (24G84)',
  '- Image Version: 2.0',
  '',
  "## :mega: What's changed?",
]

function rows(head: string[], ...body: (readonly string[])[]): string[] {
  return [
    '<table>',
    '    <thead>',
    ...head.map((title) => `        <th>${title}</th>`),
    '    </thead>',
    '    <tbody>',
    ...body.flatMap((cells) => [
      '        <tr>',
      ...cells.map((cell) => `            ${cell}`),
      '        </tr>',
    ]),
    '    </tbody>',
    '</table>',
  ]
}

const td = (text: string) => `<td>${text}</td>`
const span = (count: number, text: string) => `<td rowspan="${count}">${text}</td>`

describe('release notes', () => {
  it('say only what the image is when nothing changed', () => {
    expect(notes([tool('a', '1')], [tool('a', '1')])).toEqual(HEAD)
  })

  it('have a chapter each for what came, went and changed; cells of a category are one', () => {
    const before = [
      header('Tools', [tool('gone', '1'), tool('a:', '1'), list('b', ['1.0', '2.0'])]),
      header('Deep', [header('Deeper', [tool('c', '1')])]),
    ]
    const after = [
      header('Tools', [tool('a:', '2'), list('b', ['2.1', '3.0']), tool('new', '1')]),
      header('Deep', [header('Deeper', [tool('c', '2')])]),
    ]
    expect(notes(before, after)).toEqual([
      ...HEAD,
      '',
      '### Added :heavy_plus_sign:',
      '',
      ...rows(
        ['Category', 'Tool name', 'Current (2.0)'],
        [span(2, 'Tools'), td('b'), td('3.0')],
        [td('new'), td('1')],
      ),
      '',
      '### Deleted :heavy_minus_sign:',
      '',
      ...rows(
        ['Category', 'Tool name', 'Previous (1.0)'],
        [span(2, 'Tools'), td('b'), td('1.0')],
        [td('gone'), td('1')],
      ),
      '',
      '### Updated',
      '',
      ...rows(
        ['Category', 'Tool name', 'Previous (1.0)', 'Current (2.0)'],
        [span(2, 'Tools'), td('a'), td('1'), td('2')],
        [td('b'), td('2.0'), td('2.1')],
        [span(1, 'Deep ><br> Deeper'), td('c'), td('1'), td('2')],
      ),
    ])
  })

  it('strike out the rows of tables that went, below those of tools', () => {
    const before = [
      header('Tools', [tool('a', '1'), header('Android', [table('A|B', 'x|1', 'y|1<br>2', 'z|3')])]),
    ]
    const after = [
      header('Tools', [tool('a', '2'), header('Android', [table('A|B', 'x|1', 'y|1<br>3', 'z|3')])]),
    ]
    expect(notes(before, after)).toEqual([
      ...HEAD,
      '',
      '### Updated',
      '',
      ...rows(
        ['Category', 'Tool name', 'Previous (1.0)', 'Current (2.0)'],
        [span(1, 'Tools'), td('a'), td('1'), td('2')],
      ),
      '',
      '#### Tools > Android',
      '| A     | B          |',
      '| ----- | ---------- |',
      '| ~~y~~ | ~~1<br>2~~ |',
      '| y     | 1<br>3     |',
    ])
  })

  it('show tables that came and went whole', () => {
    const text = notes([header('T', [table('A|B', 'x|1')])], [header('U', [table('A|B', 'x|1')])])
    expect(text.slice(HEAD.length)).toEqual([
      '',
      '### Added :heavy_plus_sign:',
      '',
      '#### U',
      '| A | B |',
      '| - | - |',
      '| x | 1 |',
      '',
      '### Deleted :heavy_minus_sign:',
      '',
      '#### T',
      '| A     | B     |',
      '| ----- | ----- |',
      '| ~~x~~ | ~~1~~ |',
    ])
  })

  it('name no version that is not there, and tell of the image’s own facts', () => {
    const of = (version: string) => read(header('macOS', [tool('OS Version:', version)]))
    expect(renderDiff(diffReports(of('1'), of('2'))).split('\n')).toEqual([
      '# :desktop_computer: Actions Runner Image: macOS',
      '- OS Version: 2',
      '',
      "## :mega: What's changed?",
      '',
      '### Updated',
      '',
      ...rows(
        ['Category', 'Tool name', 'Previous (Unknown version)', 'Current (Unknown version)'],
        [span(1, ''), td('OS Version'), td('1'), td('2')],
      ),
    ])
  })

  it('let nothing of a report be HTML, a link or a line of its own', () => {
    const hostile = '</td><script>"&\n\n# x\r\n![a](https://evil)'
    const before = [header('T', [table('A|B', 'x|1')])]
    const after = [header(hostile, [tool(hostile, hostile)]), header('T', [table('A|B', `x|${hostile}<br>`)])]
    const text = notes(before, after)
    const escaped = '&lt;/td&gt;&lt;script&gt;&quot;&amp; # x ![a](https://evil)'
    expect(text).toEqual(
      expect.arrayContaining([`            ${span(1, escaped)}`, `            ${td(escaped)}`]),
    )
    expect(text.at(-1)).toBe('| x     | &lt;/td>&lt;script>"& # x ![a]\\(https://evil)<br> |')
    expect(text.filter((line) => line.includes('<script') || line.startsWith('# x'))).toEqual([])
  })
})
