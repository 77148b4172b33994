import type { DirectName } from './direct-names.ts'
import { adoptium } from './resolvers/adoptium.ts'
import { codeql } from './resolvers/codeql.ts'
import { dotnet } from './resolvers/dotnet.ts'
import { nodejsArchive } from './resolvers/nodejs.ts'
import { pypy } from './resolvers/pypy.ts'
import type { Resolver } from './resolvers/resolver.ts'
import { rubyBuilder, rubyInstaller } from './resolvers/ruby.ts'
import { findTemplate, template } from './resolvers/template.ts'
import { versionsManifest } from './resolvers/versions-manifest.ts'

/** A package that a config can name without saying where it is. */
export interface DirectPackage {
  /** As its resolvers call it. */
  readonly tool: string
  /** Asked in turn. */
  readonly resolvers: readonly Resolver[]
  /** Where people see which releases there are. */
  readonly releases: string
  /** True: its builds for Linux are for one release of Ubuntu. */
  readonly perRelease?: boolean
}

const ACTIONS = 'https://github.com/actions'

const PYTHON: DirectPackage = {
  tool: 'Python',
  resolvers: [versionsManifest],
  releases: `${ACTIONS}/python-versions/releases`,
  perRelease: true,
}
const NODE = direct('node', [nodejsArchive], 'https://nodejs.org/dist')
const GO = direct('go', [versionsManifest, template('Go')], 'https://go.dev/dl')
const RUBY: DirectPackage = {
  tool: 'Ruby',
  resolvers: [rubyInstaller, rubyBuilder],
  releases: 'https://github.com/ruby/ruby-builder/releases',
  perRelease: true,
}
const DOTNET = direct('dotnet', [dotnet], 'https://dotnet.microsoft.com/download/dotnet')
const SEVEN_ZIP = byTemplate('7-Zip')
const JAVA = direct('java', [adoptium], 'https://adoptium.net/temurin/releases')

/** Where each is. None has a name that source-kubernetes has. */
export const DIRECT_PACKAGES: Readonly<Record<DirectName, DirectPackage>> = {
  python: PYTHON,
  pypy: direct('PyPy', [pypy, template('PyPy')], 'https://downloads.python.org/pypy'),
  node: NODE,
  nodejs: NODE,
  'node.js': NODE,
  go: GO,
  golang: GO,
  ruby: RUBY,
  codeql: direct('CodeQL', [codeql], 'https://github.com/github/codeql-action/releases'),
  dotnet: DOTNET,
  'dotnet-sdk': DOTNET,
  java: JAVA,
  temurin: JAVA,
  git: byTemplate('Git'),
  cmake: byTemplate('CMake'),
  '7-zip': SEVEN_ZIP,
  '7zip': SEVEN_ZIP,
  packer: byTemplate('Packer'),
  gradle: byTemplate('Gradle'),
  maven: byTemplate('Maven'),
  ant: byTemplate('Ant'),
  docker: byTemplate('Docker'),
  jq: byTemplate('jq'),
}

function direct(tool: string, resolvers: readonly Resolver[], releases: string): DirectPackage {
  return { tool, resolvers, releases }
}

function byTemplate(tool: string): DirectPackage {
  return direct(tool, [template(tool)], findTemplate(tool)?.releases ?? '')
}
