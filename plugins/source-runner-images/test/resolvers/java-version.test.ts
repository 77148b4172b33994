import { describe, expect, it } from 'vitest'
import {
  nameInFile,
  readJavaVersion,
  releaseName,
  writeJavaVersion,
} from '../../src/resolvers/java-version.ts'

/** As found, version, release, in names of files. */
const VERSIONS = [
  ['21.0.7+6', '21.0.7+6', 'jdk-21.0.7+6', '21.0.7_6'],
  ['21.0.7+6.0', '21.0.7+6', 'jdk-21.0.7+6', '21.0.7_6'],
  ['21.0.7+6.0.LTS', '21.0.7+6', 'jdk-21.0.7+6', '21.0.7_6'],
  ['21.0.7+6-LTS', '21.0.7+6', 'jdk-21.0.7+6', '21.0.7_6'],
  ['17.0.15-6', '17.0.15+6', 'jdk-17.0.15+6', '17.0.15_6'],
  ['jdk-11.0.27+6', '11.0.27+6', 'jdk-11.0.27+6', '11.0.27_6'],
  ['11.0.14+101', '11.0.14.1+1', 'jdk-11.0.14.1+1', '11.0.14.1_1'],
  ['11.0.14.1+1', '11.0.14.1+1', 'jdk-11.0.14.1+1', '11.0.14.1_1'],
  ['8.0.452+9', '8.0.452+9', 'jdk8u452-b09', '8u452b09'],
  ['8u452-b09', '8.0.452+9', 'jdk8u452-b09', '8u452b09'],
  ['jdk8u342-b07.1', '8.0.342+7.1', 'jdk8u342-b07.1', '8u342b07.1'],
  ['8.0.332+10', '8.0.332+10', 'jdk8u332-b10', '8u332b10'],
  ['25.0.0+36', '25+36', 'jdk-25+36', '25_36'],
  ['jdk-25+36', '25+36', 'jdk-25+36', '25_36'],
] as const

describe('versions of JDKs', () => {
  it.each(VERSIONS)('reads %s', (found, version, release, file) => {
    const java = readJavaVersion(found)
    expect(java && [writeJavaVersion(java), releaseName(java), nameInFile(java)]).toEqual([
      version,
      release,
      file,
    ])
  })

  it.each(['21', '21.0.7', 'jdk-26+10-ea-beta', '1.8.0_452', '', '../21+1', '21.0.7+6; rm'])(
    'does not read %j',
    (found) => expect(readJavaVersion(found)).toBeUndefined(),
  )
})
