import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { load, repositoryFiles, type SourceFile } from './repository.ts'

const schemas = load(/^schemas\/[^/]+\.json$/).filter(({ path }) => path !== 'schemas/package.json')
const names = schemas.map(({ path }) => path.slice('schemas/'.length, -'.json'.length))

/** What is wrong with one schema file taken by itself. */
function schemaFaults({ path, text }: SourceFile): string[] {
  const schema = JSON.parse(text) as Record<string, unknown>
  const checks: [boolean, string][] = [
    [schema.$id === `https://pkgcache.dev/${path}`, `$id is ${schema.$id}`],
    [schema.$schema === 'http://json-schema.org/draft-07/schema#', `$schema is ${schema.$schema}`],
    [typeof schema.title === 'string' && schema.title !== '', 'it has no title'],
  ]
  return [...checks.filter(([holds]) => !holds).map(([, fault]) => fault), ...strictFaults(schema)].map(
    (fault) => `${path}: ${fault}`,
  )
}

/** Compiled as core compiles it, every warning a fault. */
function strictFaults(schema: object): string[] {
  try {
    new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)
    return []
  } catch (error) {
    return [String(error)]
  }
}

/** Schemas that no code and no test loads: by file name, or by the name that a `${name}.json` is built from. */
function unreferenced(names: readonly string[], sources: readonly SourceFile[]): string[] {
  const all = sources.map(({ text }) => text).join('\n')
  return names.filter((name) => {
    const [, command] = /^cli-(.+)$/.exec(name) ?? []
    const quoted = all.includes(`${name}.json`) || all.includes(`'${name}'`)
    return !quoted && !(command !== undefined && all.includes(`cli-\${`) && all.includes(`'${command}'`))
  })
}

describe('schemas', () => {
  it('are found', () => {
    expect(names).toEqual(
      expect.arrayContaining(['config', 'index', 'record', 'report', 'cli-run', 'cli-error']),
    )
  })

  it.each(names)('schemas/%s.json bears its own name and compiles in strict mode', (name) => {
    const file = schemas.find(({ path }) => path === `schemas/${name}.json`)
    expect(file && schemaFaults(file)).toEqual([])
  })

  it('are each loaded by code or tests', () => {
    const sources = load(/^(core|cli|plugins\/[^/]+)\/(src|test|testing)\/.*\.ts$|^test\/(?!laws\/).*\.ts$/)
    expect(sources.length).toBeGreaterThan(200)
    expect(unreferenced(names, sources)).toEqual([])
  })

  it('lie in schemas/ and nowhere else', () => {
    const elsewhere = repositoryFiles().filter((path) => /(^|[./-])schema\.json$/.test(path))
    expect(elsewhere).toEqual([])
  })

  it('fails for another $id, a keyword that is none, and a schema nobody loads', () => {
    const text = JSON.stringify({ $id: 'x', title: 'x', type: 'object', requird: ['a'] })
    const faults = schemaFaults({ path: 'schemas/a.json', text })
    expect(faults.slice(0, 2)).toEqual(['schemas/a.json: $id is x', 'schemas/a.json: $schema is undefined'])
    expect(faults[2]).toContain('unknown keyword: "requird"')
    const used = { path: 'x.ts', text: "load('a.json'); read('cli-' + 'b'); validator('c')" }
    expect(unreferenced(['a', 'cli-b', 'c'], [used])).toEqual(['cli-b'])
  })
})
