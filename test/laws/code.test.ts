import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { descendants, load, parse, place, SOURCES, type SourceFile } from './repository.ts'

const MAX_FILE_LINES = 300
const MAX_FUNCTION_LINES = 40

/** What may be longer, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {}

const files = load(SOURCES)

/** What only the command may touch: the terminal and the process's end. */
const PRINTS = /^(console|process\.(exit|exitCode|stdout|stderr|stdin|abort))$/

function printFaults(file: SourceFile): string[] {
  const source = parse(file)
  return descendants(source).flatMap((node) => {
    if (!ts.isPropertyAccessExpression(node)) return []
    const text = node.getText(source).replace(/\s/g, '')
    const subject = PRINTS.test(text) ? text : node.expression.getText(source)
    return PRINTS.test(text) || subject === 'console' ? [`${place(source, node)}: ${text}`] : []
  })
}

const EMPTY_COLLECTIONS = /^(Map|Set|WeakMap|WeakSet|Array)$/
/** Classes whose instances hold no state that grows. */
const HARMLESS = /^(Map|Set|RegExp|URL|TextEncoder|TextDecoder|Ajv)$/
const MUTATORS = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/

/** Why a module-level initialiser is state, if it is. */
function stateOf(initialiser: ts.Expression | undefined): string | undefined {
  if (initialiser === undefined) return undefined
  if (ts.isArrayLiteralExpression(initialiser) && initialiser.elements.length === 0) return 'an empty array'
  if (ts.isObjectLiteralExpression(initialiser) && initialiser.properties.length === 0)
    return 'an empty object'
  if (!ts.isNewExpression(initialiser)) return undefined
  const name = initialiser.expression.getText()
  const empty = (initialiser.arguments ?? []).length === 0
  if (EMPTY_COLLECTIONS.test(name) && empty) return `an empty ${name}`
  return HARMLESS.test(name) ? undefined : `a ${name} shared by everything in the process`
}

/** The module-level constant that a statement changes, if it does. */
function changedBy(node: ts.Node, names: ReadonlySet<string>): string | undefined {
  const root = (expression: ts.Expression): string | undefined => {
    if (ts.isPropertyAccessExpression(expression) || ts.isElementAccessExpression(expression))
      return root(expression.expression)
    return ts.isIdentifier(expression) && names.has(expression.text) ? expression.text : undefined
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression
    return MUTATORS.test(name.text) && ts.isIdentifier(expression) ? root(expression) : undefined
  }
  if (ts.isDeleteExpression(node)) return root(node.expression)
  const assigns =
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  return assigns && !ts.isIdentifier(node.left) ? root(node.left) : undefined
}

function stateFaults(file: SourceFile): string[] {
  const source = parse(file)
  const faults: string[] = []
  const names = new Set<string>()
  for (const statement of source.statements.filter(ts.isVariableStatement)) {
    if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0)
      faults.push(`${place(source, statement)}: let or var at the top of a module`)
    for (const declaration of statement.declarationList.declarations) {
      const why = stateOf(declaration.initializer)
      if (why) faults.push(`${place(source, declaration)}: ${declaration.name.getText()} is ${why}`)
      if (ts.isIdentifier(declaration.name)) names.add(declaration.name.text)
    }
  }
  for (const node of descendants(source)) {
    const changed = changedBy(node, names)
    if (changed) faults.push(`${place(source, node)}: changes ${changed}, which belongs to the module`)
    if (ts.isPropertyDeclaration(node) && isMutableStatic(node))
      faults.push(`${place(source, node)}: ${node.name.getText()} is static and not readonly`)
  }
  return faults
}

function isMutableStatic(node: ts.PropertyDeclaration): boolean {
  const kinds = (node.modifiers ?? []).map(({ kind }) => kind)
  return kinds.includes(ts.SyntaxKind.StaticKeyword) && !kinds.includes(ts.SyntaxKind.ReadonlyKeyword)
}

function sizeFaults(file: SourceFile, exceptions: Readonly<Record<string, string>> = EXCEPTIONS): string[] {
  const source = parse(file)
  const lines = file.text.split('\n').length - 1
  const long = lines > MAX_FILE_LINES ? [[file.path, `${lines} lines`] as const] : []
  const functions = descendants(source)
    .filter(ts.isFunctionLike)
    .flatMap((node) => {
      const { line: start } = source.getLineAndCharacterOfPosition(node.getStart(source))
      const { line: end } = source.getLineAndCharacterOfPosition(node.getEnd())
      const length = end - start + 1
      if (length <= MAX_FUNCTION_LINES || !('body' in node)) return []
      const name = (
        node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
      )?.getText()
      return [[`${file.path}#${name ?? 'anonymous'}`, `${length} lines, from line ${start + 1}`] as const]
    })
  return [...long, ...functions]
    .filter(([what]) => exceptions[what] === undefined)
    .map(([what, size]) => `${what}: ${size}`)
}

const sample = (text: string): SourceFile => ({ path: 'plugins/x/src/index.ts', text })

it('reads all sources', () => {
  expect(files.length).toBeGreaterThan(180)
})

describe('only the command prints and exits', () => {
  it('outside cli/src there is no console, process.exit, process.stdout', () => {
    // left-out.ts tells the test command what could not be tested: its one way is the output of the tests
    const outside = files.filter(
      ({ path }) => !path.startsWith('cli/') && path !== 'core/testing/left-out.ts',
    )
    expect(outside.flatMap(printFaults)).toEqual([])
  })

  it('fails for each of them', () => {
    expect(printFaults(sample("console.warn('x')\nprocess.exit(1)\nprocess\n  .stdout.write('x')"))).toEqual([
      'plugins/x/src/index.ts:1: console.warn',
      'plugins/x/src/index.ts:2: process.exit',
      'plugins/x/src/index.ts:3: process.stdout',
    ])
    expect(printFaults(sample("const text = 'console.log(1)' // process.exit(1)"))).toEqual([])
  })
})

describe('no module holds state', () => {
  it('there is no let, no collection that is filled, no shared instance at the top of a module', () => {
    expect(files.flatMap(stateFaults)).toEqual([])
  })

  it('fails for each kind of it', () => {
    const text = `let count = 0
      export const cache = new Map<string, number>()
      const seen: string[] = []
      const WORDS = new Set(['a'])
      const agent = new Agent()
      const TABLE = { a: 1 }
      class Counter { static total = 0; static readonly name = 'x' }
      function use(): void {
        WORDS.add('b')
        TABLE['a'] = 2
        delete TABLE.a
        const own = new Map()
        own.set(1, 2)
      }`
    expect(stateFaults(sample(text)).map((fault) => fault.slice('plugins/x/src/index.ts:'.length))).toEqual([
      '1: let or var at the top of a module',
      '2: cache is an empty Map',
      '3: seen is an empty array',
      '5: agent is a Agent shared by everything in the process',
      '7: total is static and not readonly',
      '9: changes WORDS, which belongs to the module',
      '10: changes TABLE, which belongs to the module',
      '11: changes TABLE, which belongs to the module',
    ])
  })
})

describe('files and functions are short', () => {
  it(`files have ${MAX_FILE_LINES} lines at most, functions ${MAX_FUNCTION_LINES}`, () => {
    expect(files.flatMap((file) => sizeFaults(file))).toEqual([])
  })

  it('keeps no exception longer than it is needed', () => {
    const needed = files.flatMap((file) => sizeFaults(file, {})).map((fault) => fault.split(': ')[0])
    expect(Object.keys(EXCEPTIONS).filter((what) => !needed.includes(what))).toEqual([])
  })

  it('fails for a long file and a long function', () => {
    const body = '  x()\n'.repeat(39)
    const text = `function short() {\n${body.slice(6)}}\nconst long = () => {\n${body}}\n${'// \n'.repeat(220)}`
    expect(sizeFaults(sample(text))).toEqual([
      'plugins/x/src/index.ts: 301 lines',
      'plugins/x/src/index.ts#long: 41 lines, from line 41',
    ])
    expect(sizeFaults(sample(text), { 'plugins/x/src/index.ts#long': 'a table' })).toHaveLength(1)
  })
})
