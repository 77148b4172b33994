import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Absolute path of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..')

// What .gitignore leaves out, and git's own: everything else belongs to the repository, committed or not.
const LEFT_OUT = /^(node_modules|dist|coverage|\.git|\.pkgcache|\.demo)$/
const LEFT_OUT_FILES = /\.(tsbuildinfo|log)$/

/** A file of the repository, or one that a test makes up. */
export interface SourceFile {
  /** Below the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Paths below the root of every file that belongs to the repository. */
export function repositoryFiles(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.test(entry.name) || LEFT_OUT_FILES.test(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? repositoryFiles(path) : [path]
  })
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function readJson<T = Record<string, unknown>>(path: string): T {
  return JSON.parse(read(path)) as T
}

/** Files whose path matches, with their text. */
export function load(pattern: RegExp): SourceFile[] {
  return repositoryFiles()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: read(path) }))
}

/** Sources that are published: the code, not its tests. */
export const SOURCES = /^(core\/(src|testing)|cli\/src|plugins\/[^/]+\/src)\/.*\.(ts|js)$/

/** Names of the folders in `plugins/`. */
export function pluginFolders(): string[] {
  return readdirSync(join(ROOT, 'plugins'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** The fields of a package.json that laws speak of. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly license?: string
  readonly type?: string
  readonly description?: string
  readonly engines?: { readonly node?: string }
  readonly keywords?: readonly string[]
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Folders of all workspaces. */
export function workspaces(): string[] {
  return ['schemas', 'core', 'cli', ...pluginFolders().map((name) => `plugins/${name}`)]
}

export function manifest(folder: string): Manifest {
  return readJson<Manifest>(join(folder, 'package.json'))
}

/** A function that parses each file object once. */
function parser(): (file: SourceFile) => ts.SourceFile {
  const parsed = new WeakMap<SourceFile, ts.SourceFile>()
  return (file) => {
    const known = parsed.get(file)
    if (known) return known
    const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
    parsed.set(file, source)
    return source
  }
}

export const parse = parser()

/** Every node below `root`, in order. */
export function descendants(root: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(root, visit)
  return nodes
}

/** `core/src/x.ts:12` */
export function place(source: ts.SourceFile, node: ts.Node): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`
}

/** A module name as it is imported, re-exported or required, and where. */
export interface Import {
  readonly from: string
  readonly specifier: string
  readonly at: string
}

/** Every import of a file: static, dynamic, type-only, re-export, and `import('x')` in a type. */
export function importsOf(file: SourceFile): Import[] {
  const source = parse(file)
  return descendants(source).flatMap((node) => {
    const specifier = specifierOf(node)
    if (specifier === undefined) return []
    return [{ from: file.path, specifier: specifier.text, at: place(source, specifier) }]
  })
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal)
  if (!ts.isCallExpression(node)) return undefined
  const imports =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(node.expression) && node.expression.text === 'require')
  return imports ? literal(node.arguments[0]) : undefined
}

function literal(node: ts.Node | undefined): ts.StringLiteralLike | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node : undefined
}

/** The file a relative import leads to, below the root. */
export function target({ from, specifier }: Import): string {
  return relative(ROOT, join(ROOT, dirname(from), specifier))
}

/** The package a bare import belongs to: `@scope/name` of `@scope/name/deep`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
