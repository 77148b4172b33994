import { own } from '../own.ts'
import type { Dressing } from './dress.ts'
import { addPinnedVersion, addPypyParts, addPythonLinks, pythonProgram } from './extras.ts'

/** One tool in one version, for one image. */
export interface ToolId {
  /** As the toolset spells it. */
  readonly tool: string
  /** A semantic version. */
  readonly version: string
  readonly platform: 'win32' | 'linux' | 'darwin'
  /** As the toolset spells it: the folder's name. */
  readonly arch: string
}

/** What becomes of one tool's archive in the tool cache. */
export interface ToolLayout {
  /** Name of the folder, as the setup action looks it up. */
  readonly folder: string
  /** Programs, one of which is there when the tool is in place: paths below its folder. */
  readonly programs: (id: ToolId) => readonly string[]
  /** Whether a folder that holds all the rest is taken away. */
  readonly strip: boolean
  /** What is left out: paths below the archive's root. */
  readonly drop: readonly RegExp[]
  /** What is left out below the tool's folder, on Windows. */
  readonly dropOnWindows?: readonly string[]
  /** Members of archives that hold an installer instead of the tool. */
  readonly installer?: RegExp
  /** What is added. @throws E_TOOL_CACHE */
  readonly finish?: (dressing: Dressing) => Promise<void>
}

const SETUP = /^setup\.(sh|ps1)$/

const byPlatform =
  (windows: readonly string[], others: readonly string[]) =>
  ({ platform }: ToolId): readonly string[] =>
    platform === 'win32' ? windows : others

/**
 * What the images' scripts do with each archive, and where the setup actions look for it then, by the name in lower case.
 *
 * - Python: actions/python-versions `installers/*-setup-template.*`; setup-python `find-python.ts`
 * - PyPy: runner-images `install-pypy.sh`, `Install-PyPy.ps1`; setup-python `find-pypy.ts`. On Windows it looks into `x86`
 *   and `x64`, whatever the job's arch, and the toolsets say `x86`
 * - node, go: actions/node-versions, actions/go-versions `installers/*-setup-template.*`; setup-node and setup-go ask for
 *   `node` and `go`, though macOS toolsets write `Node` and `Go`
 * - Ruby: runner-images `install-ruby.sh` (ruby-builder's archive holds a folder `x64`), `Install-Ruby.ps1`; setup-ruby
 *   `common.js`
 * - CodeQL: runner-images `install-codeql-bundle.sh`; codeql-action asks for `CodeQL` and keeps the folder `codeql`
 */
export const LAYOUTS: Readonly<Record<string, ToolLayout>> = {
  python: {
    folder: 'Python',
    programs: (id) => (id.platform === 'win32' ? ['python.exe'] : [pythonProgram(id)]),
    strip: true,
    drop: [SETUP],
    // for Windows, and for macOS since 3.11: what makes the tool's folder is the installer
    installer: /^python-[^/]+\.exe$|^[^/]+\.(msi|pkg)$/,
    finish: addPythonLinks,
  },
  pypy: {
    folder: 'PyPy',
    programs: byPlatform(['pypy3.exe', 'pypy.exe'], ['bin/pypy3', 'bin/pypy']),
    strip: true,
    drop: [],
    finish: addPypyParts,
  },
  node: { folder: 'node', programs: byPlatform(['node.exe'], ['bin/node']), strip: true, drop: [SETUP] },
  go: { folder: 'go', programs: byPlatform(['bin/go.exe'], ['bin/go']), strip: true, drop: [SETUP] },
  ruby: {
    folder: 'Ruby',
    programs: byPlatform(['bin/ruby.exe'], ['bin/ruby']),
    strip: true,
    drop: [/^[^/]+\.complete$/],
    dropOnWindows: ['share/doc'],
  },
  codeql: {
    folder: 'CodeQL',
    programs: byPlatform(['codeql/codeql.exe'], ['codeql/codeql']),
    strip: false,
    drop: [],
    finish: addPinnedVersion,
  },
}

/** The layout of a tool; of one that is not in the table: its own name, a setup script left out. */
export function layoutOf(tool: string): ToolLayout {
  const known = own(LAYOUTS, tool.toLowerCase())
  return known ?? { folder: tool, programs: () => [], strip: false, drop: [SETUP] }
}
