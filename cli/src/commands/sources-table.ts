import type { CommandSpec, OptionSpec } from './types.ts'

const REPORT: OptionSpec = {
  flags: '--report <place>',
  help: 'software report of an image: a path or a URL',
  mandatory: true,
}
const TOOLSET: OptionSpec = {
  flags: '--toolset <place>',
  help: 'toolset file: a path or a URL; can be repeated',
  many: true,
  mandatory: true,
}
const SOURCES: OptionSpec = {
  flags: '--sources <place>',
  help: 'source list: a path or a URL',
  mandatory: true,
}
const PRERELEASES: OptionSpec = {
  flags: '--prereleases',
  help: 'versions that are no final releases count, as they did on the images before 2026-05-06',
}
const OUTPUT: OptionSpec = { flags: '--output <file>', help: 'write it there instead of stdout' }

/** Commands for software reports, toolsets and source lists of runner images. */
export const SOURCES_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'sources inspect',
    summary: 'what a software report lists: each entry with its class, version and section, and counts',
    options: [REPORT],
    example: [
      'pkgcache sources inspect --report internal.ubuntu24.json',
      'what the image holds; --json for programs',
    ],
    load: async () => (await import('./sources-inspect.ts')).inspect,
  },
  {
    name: 'sources render',
    summary: 'a software report as the Markdown that is published beside it',
    options: [REPORT, OUTPUT],
    example: [
      'pkgcache sources render --report software-report.json --output README.md',
      'the page of an image of your own',
    ],
    load: async () => (await import('./sources-render.ts')).render,
  },
  {
    name: 'sources diff',
    argument: '<old> <new>',
    summary: 'what became of an image between two software reports, in the way of release notes',
    options: [OUTPUT],
    example: ['pkgcache sources diff old.json new.json --output notes.md', 'the notes of a release'],
    load: async () => (await import('./sources-diff.ts')).diff,
  },
  {
    name: 'sources build',
    summary:
      'a source list of toolsets and a software report: each tool with version, URL and what that was taken from',
    options: [
      REPORT,
      TOOLSET,
      PRERELEASES,
      { flags: '--output <file>', help: 'where the list goes', fallback: 'cache-sources.json' },
    ],
    example: [
      'pkgcache sources build --report report.json --toolset toolset-2025.json --output cache-sources.json',
      'what the image is made of, and where it is',
    ],
    load: async () => (await import('./sources-build.ts')).build,
  },
  {
    name: 'sources update',
    summary: 'a source list brought up to date; what a person added or edited stays',
    options: [
      SOURCES,
      REPORT,
      TOOLSET,
      PRERELEASES,
      { flags: '--output <file>', help: 'where the list goes (default: the file of --sources)' },
    ],
    example: [
      'pkgcache sources update --sources cache-sources.json --report report.json --toolset toolset-2025.json',
      'after a new image or a change of the toolset',
    ],
    load: async () => (await import('./sources-update.ts')).update,
  },
  {
    name: 'sources check',
    summary: 'a verdict on each entry of a source list: what is wrong with it, and what it should be',
    options: [
      SOURCES,
      { flags: REPORT.flags, help: REPORT.help },
      { flags: TOOLSET.flags, help: TOOLSET.help, many: true },
      PRERELEASES,
    ],
    example: [
      'pkgcache sources check --sources cache-sources.json',
      'before a list is used; exit code 1 where one is wrong',
    ],
    load: async () => (await import('./sources-check.ts')).check,
  },
]
