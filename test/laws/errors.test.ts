import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../core/src/errors/codes.ts'
import { descendants, load, parse, place, read, SOURCES, type SourceFile } from './repository.ts'

const CODES = 'core/src/errors/codes.ts'
const DOCUMENT = 'docs/errors.md'
const files = load(SOURCES).filter(({ path }) => path !== CODES)

interface CodeInfo {
  readonly exit: number
  readonly meaning: string
}

/** Codes in string literals, where code uses them, and the place. */
function usedCodes(file: SourceFile): { code: string; at: string }[] {
  const source = parse(file)
  return descendants(source)
    .filter(ts.isStringLiteralLike)
    .filter(({ text }) => /^E_[A-Z_]+$/.test(text))
    .map((node) => ({ code: node.text, at: place(source, node) }))
}

/** Codes in any text, comments included, that do not exist. */
function unknownCodes({ path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\bE_[A-Z][A-Z_]*[A-Z]\b/g)]
        .filter(([code]) => !Object.hasOwn(ERROR_CODES, code))
        .map(([code]) => `${path}:${index + 1}: there is no ${code}`),
    )
}

function unusedCodes(codes: readonly string[], sources: readonly SourceFile[]): string[] {
  const used = new Set<string>([
    ...sources.flatMap(usedCodes).map(({ code }) => code),
    // the table from system errors has its codes as values, the hints as keys
    ...sources.flatMap(({ text }) => [...text.matchAll(/^\s+(E_[A-Z_]+): /gm)].map(([, code = '']) => code)),
  ])
  return codes.filter((code) => !used.has(code))
}

/** Where the table of the document and the table in the code differ. */
function documentFaults(markdown: string, codes: Readonly<Record<string, CodeInfo>>): string[] {
  const rows = [...markdown.matchAll(/^\| *`(E_[A-Z_]+)` *\| *(\d+) *\| *(.+?) *\|$/gm)]
  const written = new Map(rows.map(([, code = '', exit, meaning]) => [code, `${exit} ${meaning}`]))
  const meant = new Map(
    Object.entries(codes).map(([code, { exit, meaning }]) => [code, `${exit} ${meaning}`]),
  )
  const faults = [...new Set([...meant.keys(), ...written.keys()])].flatMap((code) => {
    if (!written.has(code)) return [`${code} is missing`]
    if (!meant.has(code)) return [`${code} does not exist`]
    return written.get(code) === meant.get(code)
      ? []
      : [`${code} is "${written.get(code)}", not "${meant.get(code)}"`]
  })
  return rows.length === written.size ? faults : [...faults, 'a code has two rows']
}

describe('error codes', () => {
  it('exist wherever source, schemas or documents name one', () => {
    const texts = [...files, ...load(/\.(md|json)$/)].filter(({ path }) => !path.startsWith('node_modules'))
    expect(texts.flatMap(unknownCodes)).toEqual([])
  })

  it('are all used', () => {
    expect(files.flatMap(usedCodes).length).toBeGreaterThan(100)
    expect(unusedCodes(Object.keys(ERROR_CODES), files)).toEqual([])
  })

  it(`are in ${DOCUMENT} with their exit code and meaning, and no others`, () => {
    expect(documentFaults(read(DOCUMENT), ERROR_CODES)).toEqual([])
  })

  it('have one sentence of meaning each', () => {
    const odd = Object.entries(ERROR_CODES).filter(([, { meaning }]) => !/^[A-Z][^|\n]*\.$/.test(meaning))
    expect(odd.map(([code]) => code)).toEqual([])
  })

  it('fails for a code that does not exist, one nobody uses, and a table that says something else', () => {
    const text = `/** @throws E_MISSPELT */\nthrow new PkgcacheError('E_CONFIG', 'x')`
    expect(unknownCodes({ path: 'a.ts', text })).toEqual(['a.ts:1: there is no E_MISSPELT'])
    expect(unusedCodes(['E_CONFIG', 'E_MISSPELT'], [{ path: 'a.ts', text }])).toEqual(['E_MISSPELT'])
    const table = '| `E_A` | 1 | Ah. |\n| `E_B` | 2 | Bee. |\n'
    const codes = { E_A: { exit: 3, meaning: 'Ah.' }, E_C: { exit: 1, meaning: 'Sea.' } }
    expect(documentFaults(table, codes)).toEqual([
      'E_A is "1 Ah.", not "3 Ah."',
      'E_C is missing',
      'E_B does not exist',
    ])
  })
})
