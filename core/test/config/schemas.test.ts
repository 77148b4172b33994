import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { Schemas } from '../../src/schemas.ts'
import { draft } from '../support/store.ts'

const FOLDER = fileURLToPath(new URL('../../../schemas/', import.meta.url))
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'package.json')
const schemaOf = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8'))

describe('the schemas', () => {
  it('are all there', () => {
    expect(files).toEqual(
      expect.arrayContaining(['config.json', 'index.json', 'record.json', 'report.json', 'cli-run.json']),
    )
  })

  it.each(files)('%s compiles strictly, is draft-07 and is called by its file name', (name) => {
    const schema = schemaOf(name)
    expect(() =>
      new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema),
    ).not.toThrow()
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
    expect(schema.$id).toBe(`https://pkgcache.dev/schemas/${name}`)
    expect(schema.title).toEqual(expect.any(String))
  })

  it('take a record as it is written, and none with anything else', () => {
    const validate = new Schemas().validator('record')
    const record = { ...draft({}, 'x'), file: 'tool-1.0.0-amd64.tar.zst', mtime_ns: '1' }
    expect(validate(record)).toBe(true)
    expect(validate({ ...record, more: 1 })).toBe(false)
    expect(Object.keys(schemaOf('record.json').properties).sort()).toEqual([...Object.keys(record)].sort())
  })

  it('of the config describe every property', () => {
    const { properties, definitions } = schemaOf('config.json')
    const undescribed = Object.entries({
      ...definitions.package.properties,
      ...definitions.node.properties,
      ...properties,
    })
      .filter(([, schema]) => {
        const { description, $ref, properties: inner, items } = schema as Record<string, unknown>
        return description === undefined && $ref === undefined && inner === undefined && items === undefined
      })
      .map(([name]) => name)
    expect(undescribed).toEqual([])
  })
})
