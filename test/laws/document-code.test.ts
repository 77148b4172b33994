import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { load, ROOT, type SourceFile } from './repository.ts'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  customConditions: ['@pkgcache/source'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
}

/**
 * The TypeScript in a document that stands by itself, that is, imports what it uses. A block that begins with
 * `// name.ts` is that file, so that another block can import it.
 */
function examples({ path, text }: SourceFile): SourceFile[] {
  const folder = join(ROOT, 'test/laws', path.replace(/\W/g, '-'))
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code = '']) => code)
    .filter((code) => /^import /m.test(code))
    .filter((code) => !/\bdefineConfig\(/.test(code) || /import .*\bdefineConfig\b/.test(code))
    .map((code, index) => {
      const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? `example-${index}.ts`
      return { path: join(folder, name), text: code }
    })
}

/** Type errors in files that exist only here. */
function typeFaults(files: readonly SourceFile[]): string[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const host = ts.createCompilerHost(OPTIONS)
  const folders = new Set(files.map(({ path }) => dirname(path)))
  const { fileExists, directoryExists, readFile, getSourceFile } = host
  host.directoryExists = (path) => folders.has(path) || directoryExists?.(path) === true
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...texts.keys()], OPTIONS, host)
  return [...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) =>
        `${path.replace(`${ROOT}/test/laws/`, '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )
  })
}

const WRONG = "import { defineConfig } from 'pkgcache'\nexport default defineConfig({ stoer: 'x' })\n"

describe('code in documents', () => {
  const real = load(/\.md$/).flatMap(examples)
  const wrong = examples({ path: 'wrong.md', text: `\`\`\`ts\n${WRONG}\`\`\`\n` })
  // one program for all: most of the time goes into reading what they import
  const faults = typeFaults([...real, ...wrong])

  it('has the right types', () => {
    expect(real.length).toBeGreaterThan(6)
    expect(faults.filter((fault) => !fault.startsWith('wrong-md/'))).toEqual([])
  })

  it('the source plugin shown to authors has fewer than 40 lines', () => {
    const source = real.find(({ path }) => path.endsWith('/source-acme.ts'))
    expect(source?.text.trim().split('\n').length).toBeLessThan(40)
  })

  it('fails for an option that does not exist', () => {
    expect(faults.filter((fault) => fault.startsWith('wrong-md/'))).toEqual([
      expect.stringContaining("'stoer' does not exist"),
    ])
  })
})
