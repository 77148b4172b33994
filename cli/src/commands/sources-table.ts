import type { CommandSpec, OptionSpec } from './types.ts'

const REPORT: OptionSpec = {
  flags: '--report <place>',
  help: 'software report of an image: a path or a URL',
  mandatory: true,
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
]
