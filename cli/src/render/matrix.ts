import {
  formatBytes,
  type NodeOverview,
  type NodePackage,
  type NodesOverview,
  type PackageKey,
} from '@pkgcache/core'
import type { Paint } from './colours.ts'
import { foldNames } from './ranges.ts'
import { count, oneLine } from './text.ts'

type Word = keyof typeof WORDS

/** What a cell says, and in which colour. `-`: not meant for that node. */
const WORDS = {
  present: ['ok', 'green'],
  outdated: ['old', 'yellow'],
  missing: ['none', 'red'],
  unknown: ['?', 'dim'],
  other: ['-', 'dim'],
} as const satisfies Record<NodePackage['state'] | 'other', readonly [string, keyof Paint]>

const LEGEND: Readonly<Record<Word, string>> = {
  present: 'ok: the declared bytes',
  outdated: 'old: another version, or other bytes',
  missing: 'none: not there',
  unknown: '?: not in the cache, so that nobody knows what it should be',
  other: '-: not for that node',
}

// More nodes than this, and those of which the same is to be said share a row.
const FOLD_ABOVE = 20
const LONGEST_LABEL = 24
// Of foreign files of one kind of node; --json has all.
const MOST_FILES = 10
const WIDEST_WORD = 'none'.length

/** One row: nodes of which the same is to be said. */
interface Row {
  readonly nodes: readonly NodeOverview[]
  readonly words: readonly Word[]
}

interface Column {
  readonly id: string
  readonly title: string
  readonly versioned: string
}

/** Names of nodes, shortened where a row stands for many. */
function names(nodes: readonly NodeOverview[]): string {
  return foldNames(nodes.map(({ node }) => oneLine(node)))
}

function label({ nodes }: Row): string {
  const text = names(nodes)
  const short = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text
  return nodes.length === 1 ? short : `${short} (${nodes.length})`
}

/** Every package once, after the one that it follows on the node that it is first met on. */
function inOrder(nodes: readonly NodeOverview[], idOf: (key: PackageKey) => string): Map<string, PackageKey> {
  const order: string[] = []
  const keys = new Map<string, PackageKey>()
  for (const { packages } of nodes) {
    let at = 0
    for (const { key } of packages) {
      const id = idOf(key)
      if (!keys.has(id)) order.splice(at, 0, id)
      keys.set(id, keys.get(id) ?? key)
      at = order.indexOf(id) + 1
    }
  }
  return new Map(order.map((id) => [id, keys.get(id) as PackageKey]))
}

/** Packages in the order of the config; the arch counts where a node takes more than one. */
function columns(overview: NodesOverview): { columns: Column[]; idOf: (key: PackageKey) => string } {
  const bare = ({ name, version, platform }: PackageKey) => `${name}@${version} ${platform}`
  const full = (key: PackageKey) => `${bare(key)}/${key.arch}`
  const several = overview.nodes.some(
    ({ packages }) => new Set(packages.map(({ key }) => bare(key))).size < packages.length,
  )
  const idOf = several ? full : bare
  const keys = inOrder(overview.nodes, idOf)
  const shared = (name: string) => [...keys.values()].filter((key) => key.name === name).length > 1
  return {
    idOf,
    columns: [...keys].map(([id, key]) => {
      const versioned = oneLine(`${key.name}@${key.version}${several ? `/${key.arch}` : ''}`)
      return { id, title: shared(key.name) ? versioned : oneLine(key.name), versioned }
    }),
  }
}

function rows(overview: NodesOverview, all: readonly Column[], idOf: (key: PackageKey) => string): Row[] {
  const found = new Map<string, { nodes: NodeOverview[]; words: readonly Word[] }>()
  for (const node of overview.nodes) {
    const states = new Map(node.packages.map(({ key, state }) => [idOf(key), state]))
    const words = node.error === undefined ? all.map(({ id }): Word => states.get(id) ?? 'other') : []
    const fold = overview.nodes.length > FOLD_ABOVE
    const same = fold ? `${node.error?.code ?? ''}${words.join()}` : node.node
    const known = found.get(same)
    if (known === undefined) found.set(same, { nodes: [node], words })
    else known.nodes.push(node)
  }
  return [...found.values()]
}

/** Full names over the columns, closely set if need be, where the line is wide enough; else numbers. */
function heading(all: readonly Column[], first: number, width: number) {
  const names = all.map(({ title }) => title)
  const needs = (gap: string) =>
    names.reduce((sum, name) => sum + gap.length + Math.max(name.length, WIDEST_WORD), first)
  const gap = ['  ', ' '].find((one) => needs(one) <= width)
  if (gap !== undefined) return { above: [], heads: names, gap }
  const above = all.map(({ versioned }, index) => `${String(index + 1).padStart(4)}  ${versioned}`)
  return { above: [...above, ''], heads: all.map((_, index) => String(index + 1)), gap: ' ' }
}

function grid(all: readonly Column[], list: readonly Row[], width: number, paint: Paint): string[] {
  const labels = list.map(label)
  const first = Math.max('NODE'.length, ...labels.map((text) => text.length))
  const { above, heads, gap } = heading(all, first, width)
  const widths = heads.map((head) => Math.max(head.length, WIDEST_WORD))
  const cells = (row: Row) =>
    row.words.map((word, index) => {
      const [text, colour] = WORDS[word]
      return paint[colour](text) + ' '.repeat((widths[index] ?? 0) - text.length)
    })
  const line = (head: string, rest: readonly string[]) =>
    `${head.padEnd(first)}${gap}${rest.join(gap)}`.trimEnd()
  return [
    ...above,
    line(
      'NODE',
      heads.map((head, index) => head.padEnd(widths[index] ?? 0)),
    ),
    ...list.map((row, index) => {
      const down = row.nodes[0]?.error && [`${paint.red('down')} ${row.nodes[0].error.code}`]
      return line(labels[index] ?? '', down ?? cells(row))
    }),
  ]
}

/** Which versions are where an outdated package is: `runc@1.3.0: 1.2.6 on w[1-3]`. */
function versionLines({ nodes }: NodesOverview): string[] {
  const found = new Map<string, { readonly what: string; readonly on: NodeOverview[] }>()
  for (const node of nodes) {
    for (const { key, state, versions } of node.packages) {
      if (state !== 'outdated') continue
      const others = versions.filter((version) => version !== key.version)
      const there = [...others, ...(versions.includes(key.version) ? ['other bytes under that version'] : [])]
      const what = `${key.name}@${key.version} ${key.platform}/${key.arch}: ${there.join(', ')}`
      const known = found.get(what)
      if (known === undefined) found.set(what, { what, on: [node] })
      else known.on.push(node)
    }
  }
  if (found.size === 0) return []
  return ['', 'Outdated:', ...[...found.values()].map(({ what, on }) => `  ${oneLine(what)} on ${names(on)}`)]
}

/** Files of no declared package; nodes with the same ones share a paragraph. */
function foreignLines({ nodes }: NodesOverview): string[] {
  const found = new Map<string, NodeOverview[]>()
  for (const node of nodes) {
    if (node.foreign.length === 0) continue
    const same = JSON.stringify(
      node.foreign.map(({ remotePath, size, delivered }) => [remotePath, size, delivered]),
    )
    const known = found.get(same)
    if (known === undefined) found.set(same, [node])
    else known.push(node)
  }
  if (found.size === 0) return []
  const paragraphs = [...found.values()].flatMap((on) => {
    const files = on[0]?.foreign ?? []
    const lines = files.slice(0, MOST_FILES).map(({ remotePath, size, delivered }) => {
      return `    ${oneLine(remotePath)} (${formatBytes(size)}${delivered ? ', put there by pkgcache' : ''})`
    })
    const more = files.length - lines.length
    return [`  on ${names(on)}:`, ...lines, ...(more > 0 ? [`    … and ${more} more; --json names all`] : [])]
  })
  return ['', 'Foreign files, of no declared package:', ...paragraphs]
}

/** Which nodes a shared row stands for, where its label had to be cut; not of rows in which all is well. */
function whoLines(list: readonly Row[]): string[] {
  const cut = list.filter((row) => names(row.nodes).length > LONGEST_LABEL && row.nodes.length > 1)
  const bad = cut.filter(
    ({ words }) => words.length === 0 || words.some((word) => word !== 'present' && word !== 'other'),
  )
  return bad.length === 0 ? [] : ['', ...bad.map((row) => `${label(row)}: ${names(row.nodes)}`)]
}

/** What is on the nodes, as a matrix and what there is to say of it. */
export function matrixLines(overview: NodesOverview, width: number, paint: Paint): string[] {
  if (overview.nodes.length === 0) return []
  const { columns: all, idOf } = columns(overview)
  const list = rows(overview, all, idOf)
  const used = (Object.keys(WORDS) as Word[]).filter((word) => list.some(({ words }) => words.includes(word)))
  return [
    ...grid(all, list, width, paint),
    ...(used.length === 0 ? [] : ['', used.map((word) => LEGEND[word]).join(' · ')]),
    ...whoLines(list),
    ...versionLines(overview),
    ...foreignLines(overview),
    '',
    totalsLine(overview),
  ]
}

/** `3 nodes, 1 of them down: 16 of 18 packages present, 1 outdated, 1 missing; 2 foreign files`. */
function totalsLine({ nodes }: NodesOverview): string {
  const asked = nodes.filter(({ error }) => error === undefined)
  const down = nodes.length - asked.length
  const head = `${count(nodes.length, 'node')}${down === 0 ? '' : `, ${down} of them down`}`
  if (asked.length === 0) return `${head}.`
  const packages = asked.flatMap((node) => node.packages)
  const of = (state: NodePackage['state']) => packages.filter((one) => one.state === state).length
  const others = (['outdated', 'missing', 'unknown'] as const)
    .map((state) => [of(state), state] as const)
    .flatMap(([n, state]) => (n === 0 ? [] : [`, ${n} ${state}`]))
  const foreign = nodes.reduce((sum, node) => sum + node.foreign.length, 0)
  const files = foreign === 0 ? '' : `; ${count(foreign, 'foreign file')}`
  return `${head}: ${of('present')} of ${count(packages.length, 'package')} present${others.join('')}${files}.`
}
