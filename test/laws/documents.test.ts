import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS, GLOBAL_OPTIONS, GROUPS } from '../../cli/src/commands/table.ts'
import { load, manifest, ROOT, read, type SourceFile } from './repository.ts'

const documents = load(/\.md$/)

/** Targets of links and images outside of code. */
function links(markdown: string): string[] {
  const prose = withoutCode(markdown)
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link),
    ...[...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)].map(([, link = '']) => link),
  ]
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
}

/** Headings as GitHub makes anchors of them. */
function anchors(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function linkFaults({ path, text }: SourceFile, textOf: (path: string) => string | undefined): string[] {
  return links(text)
    .filter((link) => !/^[a-z]+:/.test(link))
    .flatMap((link) => {
      const [file = '', anchor] = link.split('#', 2)
      const target = file === '' ? path : join(dirname(path), file)
      const found = textOf(target)
      if (found === undefined) return [`${path}: ${link} leads nowhere`]
      const lost = anchor !== undefined && target.endsWith('.md') && !anchors(found).includes(anchor)
      return lost ? [`${path}: ${link}: there is no such heading`] : []
    })
}

/** The text of a file, an empty one for a folder, undefined when there is neither. */
function textOf(path: string): string | undefined {
  if (!existsSync(join(ROOT, path))) return undefined
  return path.endsWith('.md') ? read(path) : ''
}

/** Lines of shell in fences, and code in prose. */
function shellLines(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```$/gm)].flatMap(
    ([, code = '']) => code.replaceAll('\\\n', ' ').split('\n'),
  )
  const inline = [...markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code = '']) => code,
  )
  return [...fenced, ...inline.filter((code) => /^(pkgcache|npm|npx) /.test(code))].map((line) =>
    line.replace(/(^|\s)#.*$/, ''),
  )
}

/** The first word, or the first two where the first one is that of a group; what stands in `<>` is any word. */
function commandName([first, second]: readonly string[]): string | undefined {
  if (first === undefined || !(first in GROUPS)) return first
  return second === undefined || second === '<command>' ? first : `${first} ${second}`
}

/** Calls of the command that it would refuse: an unknown command, or an option that it does not take. */
function commandFaults({ path, text }: SourceFile): string[] {
  return shellLines(text).flatMap((line) =>
    [...line.matchAll(/(?:^|[\s$(;&|])pkgcache ([^|;&)]+)/g)].flatMap(([, rest = '']) => {
      const words = rest.trim().split(/\s+/)
      const name = commandName(words.filter((word) => !word.startsWith('-')))
      const command = COMMANDS.find((candidate) => candidate.name === name)
      if (
        name !== undefined &&
        !/^(<command>|help)$/.test(name) &&
        command === undefined &&
        !(name in GROUPS)
      )
        return [`${path}: there is no command "pkgcache ${name}"`]
      const known = [...GLOBAL_OPTIONS, ...(command?.options ?? [])].map(({ flags }) => flags.split(' ')[0])
      return words
        .flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1] ?? [])
        .filter((option) => !known.includes(option) && !['--help', '--version'].includes(option))
        .map((option) => `${path}: pkgcache ${name ?? ''} takes no ${option}`)
    }),
  )
}

/** `npm run x` without a script x in the root. */
function scriptFaults({ path, text }: SourceFile, scripts: readonly string[]): string[] {
  return shellLines(text).flatMap((line) =>
    [...line.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)]
      .map(([, run, bare]) => run ?? bare ?? '')
      .filter((script) => !scripts.includes(script))
      .map((script) => `${path}: there is no script "${script}"`),
  )
}

describe('links', () => {
  it('finds the documents and links in them', () => {
    const paths = documents.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'CHANGELOG.md',
        'CONTRIBUTING.md',
        'docs/operators.md',
        'core/README.md',
      ]),
    )
    expect(documents.flatMap(({ text }) => links(text)).length).toBeGreaterThan(20)
  })

  it('lead to files and headings that exist', () => {
    expect(documents.flatMap((document) => linkFaults(document, textOf))).toEqual([])
  })

  it('every guide is linked from the README', () => {
    const guides = documents.map(({ path }) => path).filter((path) => /^docs\/[^/]+\.md$/.test(path))
    expect(guides.filter((path) => !links(read('README.md')).includes(path))).toEqual([])
  })

  it('fails for a file and for a heading that are not there', () => {
    const text =
      '# Top\n[a](b.md) [c](#top) [d](#down) [e](https://example.com) `[f](g.md)`\n<img src="h.svg">'
    expect(
      linkFaults({ path: 'docs/x.md', text }, (path) => (path === 'docs/x.md' ? text : undefined)),
    ).toEqual([
      'docs/x.md: b.md leads nowhere',
      'docs/x.md: #down: there is no such heading',
      'docs/x.md: h.svg leads nowhere',
    ])
  })
})

describe('commands in documents', () => {
  it('exist, with the options they are given', () => {
    expect(documents.flatMap(({ text }) => shellLines(text)).join('\n')).toContain('pkgcache run')
    expect(documents.flatMap(commandFaults)).toEqual([])
  })

  it('of npm are scripts of the root', () => {
    const scripts = Object.keys(manifest('.').scripts ?? {})
    expect(documents.flatMap((document) => scriptFaults(document, scripts))).toEqual([])
  })

  it.each(COMMANDS.map(({ name }) => name))('the README has an example of pkgcache %s', (name) => {
    expect(read('README.md')).toMatch(new RegExp(`\`[^\`\\n]*pkgcache ${name}\\b`))
  })

  it('fails for a command, an option and a script that do not exist', () => {
    const text =
      'Call `pkgcache runn`.\n```sh\npkgcache prune --dry-run --newer-than 3d # --not-this\n' +
      'tar -xf "$(pkgcache path x@1)" && pkgcache --json frob\nnpm run frob && npm test\n' +
      'pkgcache sources inspct --report r\npkgcache sources inspect --report r --dry-run\npkgcache sources --json\n```\n'
    expect(commandFaults({ path: 'x.md', text })).toEqual([
      'x.md: pkgcache prune takes no --newer-than',
      'x.md: there is no command "pkgcache frob"',
      'x.md: there is no command "pkgcache sources inspct"',
      'x.md: pkgcache sources inspect takes no --dry-run',
      'x.md: there is no command "pkgcache runn"',
    ])
    expect(scriptFaults({ path: 'x.md', text }, ['test'])).toEqual(['x.md: there is no script "frob"'])
  })
})
