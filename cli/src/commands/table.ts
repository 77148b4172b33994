import type { TrustLevel } from '@pkgcache/core'
import { parseCount } from '../counts.ts'
import { parseDuration } from '../durations.ts'
import { SOURCES_COMMANDS } from './sources-table.ts'
import type { CommandSpec, OptionSpec } from './types.ts'

// A value of its own, so that `--help` need not load the core; the type holds the two together.
const TRUST = { signed: 1, pinned: 1, 'checksum-file': 1, tofu: 1, unverified: 1 } satisfies Record<
  TrustLevel,
  1
>

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--config <file>', help: 'config file (default: pkgcache.config.* here or in a folder above)' },
  { flags: '--store <dir>', help: 'cache folder, instead of the config’s' },
  { flags: '--json', help: 'print one JSON document on stdout' },
  { flags: '--quiet', help: 'say nothing but errors' },
  { flags: '--verbose', help: 'say more: debug messages, stacks of errors' },
  { flags: '--no-color', help: 'no colours (NO_COLOR and FORCE_COLOR count, too)' },
]

const REQUIRE: OptionSpec = {
  flags: '--require <level>',
  help: 'least trust that a package must reach',
  choices: Object.keys(TRUST),
}
const FROZEN: readonly OptionSpec[] = [
  {
    flags: '--frozen',
    help: 'go by pkgcache.lock alone, ask no source (default where CI is set and there is a lock file)',
  },
  { flags: '--no-frozen', help: 'ask the sources, in CI too' },
]
const NODE: OptionSpec = {
  flags: '--node <pattern>',
  help: 'only these nodes: a name, a group, a glob of either (w*), label=value, or one of them with ! before it to leave it out; can be repeated',
  many: true,
}
const ONLY: OptionSpec = {
  flags: '--only <section>',
  help: 'only packages of this section of a toolset, or of this group of the config; can be repeated',
  many: true,
}
const REHASH: OptionSpec = {
  flags: '--rehash',
  help: 'read every file on the nodes anew, whatever they remember of its digest',
}
const MAX_FAILURES: OptionSpec = {
  flags: '--max-failures <n>',
  help: 'begin no further node once more than n have failed (default: all are tried)',
  parse: parseCount,
  expected: 'a whole number, 0 or more',
}
const PRUNE: OptionSpec = {
  flags: '--prune',
  help: 'also remove from the nodes what pkgcache put there and the config does not declare any more',
}
const ARCH: OptionSpec = { flags: '--arch <arch>', help: 'amd64, arm64, … (default: the config’s)' }
const PLATFORM: OptionSpec = { flags: '--platform <name>', help: 'linux, … (default: the config’s)' }
const SPAN = { parse: parseDuration, expected: 'a time span such as 30d, 12h or 90m' } as const

/** What the commands with two words have in common, by their first word. */
export const GROUPS: Readonly<Record<string, string>> = {
  sources: 'software reports, toolsets and source lists of runner images',
}

/** Every command there is. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'run',
    summary: 'resolve, fetch, normalise, verify, index, distribute, report: all that is needed',
    options: [REQUIRE, ONLY, NODE, REHASH, MAX_FAILURES, PRUNE, ...FROZEN],
    example: ['pkgcache run --require checksum-file', 'bring cache and nodes up to date, nothing unproven'],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'plan',
    summary: 'what run would do, per package and node; changes nothing',
    options: [REQUIRE, ONLY, NODE, ...FROZEN],
    example: ['pkgcache plan --json', 'the plan as a JSON document'],
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'ensure',
    argument: '<name@version>',
    summary: 'one package in the cache, and on the nodes named',
    options: [
      ARCH,
      PLATFORM,
      { ...NODE, help: 'put it on these nodes, too: a name, a group, a glob, label=value; can be repeated' },
      REHASH,
      MAX_FAILURES,
      REQUIRE,
      ...FROZEN,
    ],
    example: ['pkgcache ensure runc@1.3.0 --arch arm64 --node cp1', 'cache runc for arm64 and put it on cp1'],
    load: async () => (await import('./run.ts')).ensure,
  },
  {
    name: 'fetch',
    summary: 'fill the cache; no node is touched',
    options: [REQUIRE, ONLY, ...FROZEN],
    example: ['pkgcache fetch --store ./packages', 'fill a cache in ./packages'],
    load: async () => (await import('./run.ts')).fetch,
  },
  {
    name: 'distribute',
    summary: 'send what is cached to the nodes; nothing is fetched',
    options: [ONLY, NODE, REHASH, MAX_FAILURES, PRUNE],
    example: ['pkgcache distribute --node workers --max-failures 3', 'bring the group “workers” up to date'],
    load: async () => (await import('./run.ts')).distribute,
  },
  {
    name: 'nodes',
    summary: 'what is on the nodes: present, outdated, missing, foreign; changes nothing',
    options: [NODE, REHASH],
    example: ["pkgcache nodes --node 'w*' --node '!w3'", 'a matrix of the workers but one'],
    load: async () => (await import('./nodes.ts')).nodes,
  },
  {
    name: 'lock',
    summary: 'write what each package came to into pkgcache.lock',
    options: [
      {
        flags: '--update [names...]',
        help: 'resolve again what is locked already: all of it, or the packages named',
      },
    ],
    example: ['pkgcache lock --update runc', 'take the version of runc that the config asks for now'],
    load: async () => (await import('./lock.ts')).lock,
  },
  {
    name: 'list',
    summary: 'what is cached',
    options: [],
    example: ['pkgcache list', 'a table of every cached package'],
    load: async () => (await import('./list.ts')).list,
  },
  {
    name: 'path',
    argument: '<name@version>',
    summary: 'where a cached package lies; prints the path and nothing else',
    options: [ARCH, PLATFORM],
    example: ['tar --zstd -xf "$(pkgcache path runc@1.3.0)"', 'unpack a cached package'],
    load: async () => (await import('./path.ts')).path,
  },
  {
    name: 'stats',
    summary: 'sizes, ratios and ages',
    options: [],
    example: ['pkgcache stats --json', 'the figures as a JSON document'],
    load: async () => (await import('./stats.ts')).stats,
  },
  {
    name: 'verify',
    summary: 're-hash everything in the cache; names what is corrupt, missing or unindexed',
    options: [],
    example: ['pkgcache verify || pkgcache prune --invalid', 'check the cache, clean it when it is damaged'],
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'index',
    summary: 'write index.yaml anew from the records',
    options: [{ flags: '--rebuild', help: 'whatever is there now' }],
    example: ['pkgcache index --rebuild', 'after index.yaml was lost or changed by hand'],
    load: async () => (await import('./index.ts')).index,
  },
  {
    name: 'prune',
    summary: 'remove packages by age, use or damage',
    options: [
      { flags: '--older-than <span>', help: 'cached longer ago than this', ...SPAN },
      { flags: '--unused-for <span>', help: 'last used longer ago than this', ...SPAN },
      { flags: '--invalid', help: 'what verify finds corrupt, missing or invalid' },
      { flags: '--dry-run', help: 'only say what would go' },
    ],
    example: ['pkgcache prune --older-than 30d --dry-run', 'what has been cached for more than 30 days'],
    load: async () => (await import('./prune.ts')).prune,
  },
  {
    name: 'report',
    summary: 'the report of the last run, in one format',
    options: [
      { flags: '--format <name>', help: 'html, json, text or what a plugin adds', fallback: 'text' },
      { flags: '--output <file>', help: 'write it there instead of stdout' },
    ],
    example: ['pkgcache report --format html --output report.html', 'the last run as a web page'],
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'compare',
    argument: '<old> <new>',
    summary: 'what changed from one report.json to another: packages, sizes, coverage',
    options: [
      { flags: '--format <name>', help: 'html, json, text or what a plugin adds', fallback: 'text' },
      { flags: '--output <file>', help: 'write it there instead of stdout' },
    ],
    example: ['pkgcache compare last-week.json reports/report.json', 'what is new, gone, or missing now'],
    load: async () => (await import('./compare.ts')).compare,
  },
  {
    name: 'plugins',
    summary: 'the plugins in their order, and the hooks each takes part in',
    options: [],
    example: ['pkgcache plugins', 'a table of the plugins loaded'],
    load: async () => (await import('./plugins.ts')).plugins,
  },
  {
    name: 'init',
    summary: 'write a starter config here',
    options: [{ flags: '--format <name>', help: 'ts or yaml', choices: ['ts', 'yaml'], fallback: 'ts' }],
    example: ['pkgcache init && pkgcache plan', 'start here'],
    load: async () => (await import('./init.ts')).init,
  },
  ...SOURCES_COMMANDS,
]
