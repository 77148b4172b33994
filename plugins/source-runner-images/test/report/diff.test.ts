import { describe, expect, it } from 'vitest'
import { diffReports, type NodeChange } from '../../src/report/index.ts'
import type { ReportEntry } from '../../src/report/types.ts'
import { header, image, list, note, table, tool } from './kit.ts'

function shown(change: NodeChange): string {
  const side = (node: NodeChange['before']) => {
    if (node === null) return '–'
    return node.kind === 'table'
      ? `${node.rows.length} rows`
      : node.kind === 'tool'
        ? node.version
        : node.versions.join(' ')
  }
  const node = change.after ?? change.before
  const name = node?.kind === 'table' ? 'table' : node?.name
  return `${change.section.join('/')} ${name}: ${side(change.before)} → ${side(change.after)}`
}

function nodes(before: unknown[], after: unknown[]) {
  const { added, removed, changed } = diffReports(image('1', ...before), image('2', ...after)).nodes
  return { added: added.map(shown), removed: removed.map(shown), changed: changed.map(shown) }
}

const NONE = { added: [], removed: [], changed: [] }
const S = 'Installed Software'

describe('nodes', () => {
  it.each<[what: string, before: unknown[], after: unknown[], expected: Partial<typeof NONE | object>]>([
    ['the same', [tool('Git', '1')], [tool('Git', '1')], {}],
    ['another version', [tool('Git', '1')], [tool('Git', '2')], { changed: [`${S} Git: 1 → 2`] }],
    ['a name in another case', [tool('Git', '1')], [tool('git', '2')], { changed: [`${S} git: 1 → 2`] }],
    [
      'one for another',
      [tool('Old', '1')],
      [tool('New', '2')],
      { added: [`${S} New: – → 2`], removed: [`${S} Old: 1 → –`] },
    ],
    [
      'another kind',
      [tool('Go', '1')],
      [list('Go', ['1'])],
      { added: [`${S} Go: – → 1`], removed: [`${S} Go: 1 → –`] },
    ],
    [
      'headers that come and go',
      [header('A', [header('B', [tool('x', '1')])])],
      [header('C', [tool('x', '1')])],
      { added: [`${S}/C x: – → 1`], removed: [`${S}/A/B x: 1 → –`] },
    ],
    ['a header in another case', [header('A', [tool('x', '1')])], [header('a', [tool('x', '1')])], {}],
    ['notes', [note('a')], [note('b')], {}],
    [
      'versions by their major',
      [list('Go', ['1.22.1', '1.23.1', '1.24.1'], 'List', '^\\d+\\.\\d+')],
      [list('Go', ['1.23.1', '1.24.2', '1.25.0'], 'List', '^\\d+\\.\\d+')],
      {
        added: [`${S} Go: – → 1.25.0`],
        removed: [`${S} Go: 1.22.1 → –`],
        changed: [`${S} Go: 1.24.1 → 1.24.2`],
      },
    ],
    ['another order', [list('Go', ['1.1', '2.1'])], [list('Go', ['2.1', '1.1'])], {}],
    [
      'two of a major, which upstream forbids',
      [list('.NET SDK', ['8.0.301', '8.0.302'], 'Inline', '^\\d+')],
      [list('.NET SDK', ['8.0.302'], 'Inline', '^\\d+')],
      { removed: [`${S} .NET SDK: 8.0.301 → –`] },
    ],
    [
      'rows that come',
      [table('A|B', 'a|1')],
      [table('A|B', 'a|1', 'b|2')],
      { added: [`${S} table: 1 rows → 2 rows`] },
    ],
    [
      'rows that go',
      [table('A|B', 'a|1', 'b|2')],
      [table('A|B', 'a|1')],
      { removed: [`${S} table: 2 rows → 1 rows`] },
    ],
    [
      'rows that change',
      [table('A|B', 'a|1')],
      [table('A|B', 'a|2')],
      { changed: [`${S} table: 1 rows → 1 rows`] },
    ],
    ['columns of other names', [table('A|B', 'a|1')], [table('A|C', 'a|1')], {}],
    [
      'columns of other names, and a row',
      [table('A|B', 'a|1')],
      [table('A|C', 'a|2')],
      { added: [`${S} table: – → 1 rows`], removed: [`${S} table: 1 rows → –`] },
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(nodes(before, after)).toEqual({ ...NONE, ...expected })
  })
})

function brief({ class: kind, name, raw }: ReportEntry): string {
  return `${kind} ${name} ${raw}`
}

function entries(before: unknown[], after: unknown[]) {
  const { added, removed, changed } = diffReports(image('1', ...before), image('2', ...after)).entries
  return {
    added: added.map(brief),
    removed: removed.map(brief),
    changed: changed.map((change) => `${brief(change.old)} → ${change.new.raw}`),
  }
}

const JAVA = 'Version|Environment Variable'
const IMAGES = 'Repository:Tag|Digest|Created'

describe('entries', () => {
  it.each<[what: string, before: unknown[], after: unknown[], expected: object]>([
    ['the same', [tool('Git', '1')], [tool('Git', '1')], {}],
    ['a version', [tool('Git', '1')], [tool('git', '2')], { changed: ['tool Git 1 → 2'] }],
    [
      'another section',
      [header('A', [tool('x', '1')])],
      [header('B', [tool('x', '1')])],
      { added: ['tool x 1'], removed: ['tool x 1'] },
    ],
    [
      'versions of a list, each with its own line',
      [list('Python', ['3.9.13', '3.10.11', '3.12.1'])],
      [list('Python', ['3.10.12', '3.12.1', '3.13.0', '3.9.14'])],
      {
        added: ['list Python 3.13.0'],
        changed: ['list Python 3.10.11 → 3.10.12', 'list Python 3.9.13 → 3.9.14'],
      },
    ],
    [
      'versions of one major only',
      [list('Node', ['18.1.0', '20.1.0'])],
      [list('Node', ['20.2.0', '22.1.0'])],
      { added: ['list Node 22.1.0'], removed: ['list Node 18.1.0'], changed: ['list Node 20.1.0 → 20.2.0'] },
    ],
    ['the only version', [list('Go', ['1.2'])], [list('Go', ['3.4'])], { changed: ['list Go 1.2 → 3.4'] }],
    [
      'a JDK by its variable',
      [table(JAVA, '17.0.1|JAVA_HOME_17_X64')],
      [table(JAVA, '17.0.2|JAVA_HOME_17_X64', '21.0.1|JAVA_HOME_21_X64')],
      { added: ['java Installed Software 21.0.1'], changed: ['java Installed Software 17.0.1 → 17.0.2'] },
    ],
    [
      'the digest of an image',
      [table(IMAGES, 'node:20|sha256:aa|x')],
      [table(IMAGES, 'node:20|sha256:bb|y')],
      { changed: ['docker-image node node:20 → node:20'] },
    ],
    ['a note', [header('N', [note('a')])], [header('N', [note('b')])], { changed: ['note N a → b'] }],
  ])('%s', (_what, before, after, expected) => {
    expect(entries(before, after)).toEqual({ ...NONE, ...expected })
  })
})
