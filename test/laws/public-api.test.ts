import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROOT } from './repository.ts'

const ENTRIES = ['core/src/index.ts', 'core/testing/index.ts', 'cli/src/index.ts']

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  customConditions: ['@pkgcache/source'],
  noEmit: true,
  strict: true,
  types: [],
}

/** Every export of an entry with the docstring of what it stands for. */
function exportsOf(program: ts.Program, entry: string): { name: string; doc: string; at: string }[] {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  return (module ? checker.getExportsOfModule(module) : []).map((exported) => {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(exported) : exported
    const declaration = symbol.declarations?.[0]
    const file = declaration?.getSourceFile()
    const line =
      file && declaration ? file.getLineAndCharacterOfPosition(declaration.getStart(file)).line + 1 : 0
    const at = `${file?.fileName.replace(`${ROOT}/`, '')}:${line}`
    return { name: exported.name, doc: docOf(symbol, checker), at }
  })
}

/** The docstring; a constant and the type made from it share one. */
function docOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
}

describe('the public API is documented', () => {
  const files = ENTRIES.map((entry) => join(ROOT, entry))
  const program = ts.createProgram(files, OPTIONS)

  it.each(ENTRIES)('every export of %s has a docstring', (entry) => {
    const exported = exportsOf(program, join(ROOT, entry))
    expect(exported.length).toBeGreaterThan(5)
    expect(exported.filter(({ doc }) => doc === '').map(({ name, at }) => `${at}: ${name}`)).toEqual([])
  })

  it('fails for an export without one', () => {
    const text = '/** Said. */\nexport const said = 1\nexport interface Silent { readonly a: number }\n'
    const host = ts.createCompilerHost(OPTIONS)
    const { getSourceFile } = host
    host.getSourceFile = (name, ...rest) =>
      name === '/x.ts'
        ? ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
        : getSourceFile(name, ...rest)
    const made = exportsOf(ts.createProgram(['/x.ts'], OPTIONS, host), '/x.ts')
    expect(made).toEqual([
      { name: 'said', doc: 'Said.', at: '/x.ts:2' },
      { name: 'Silent', doc: '', at: '/x.ts:3' },
    ])
  })
})
