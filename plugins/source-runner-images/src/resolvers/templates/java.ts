import { compareVersions } from '../spec.ts'
import { type Template, threeNumbers, withoutLastZero } from './row.ts'

const MAVEN = 'https://archive.apache.org/dist/maven/maven-{major}/{version}/binaries/apache-maven-{version}'
const ANT = 'https://archive.apache.org/dist/ant/binaries/apache-ant-{version}'

/** Build tools of Java. Apache's archive has every release, its mirrors only the newest. */
export const JAVA_TOOLS: readonly Template[] = [
  {
    tool: 'Gradle',
    releases: 'https://gradle.org/releases',
    version: gradleVersion,
    urls: { any: 'https://services.gradle.org/distributions/gradle-{version}-bin.zip' },
  },
  {
    tool: 'Maven',
    aliases: ['apache-maven'],
    releases: 'https://archive.apache.org/dist/maven',
    version: (version) => /^[34]\.\d+\.\d+(?:-(?:alpha|beta|rc)-\d+)?$/.exec(version)?.[0],
    words: (version) => ({ major: version.charAt(0) }),
    urls: {
      'win32-x64': `${MAVEN}-bin.zip`,
      'win32-x86': `${MAVEN}-bin.zip`,
      'win32-arm64': `${MAVEN}-bin.zip`,
      any: `${MAVEN}-bin.tar.gz`,
    },
  },
  {
    tool: 'Ant',
    aliases: ['apache-ant'],
    releases: 'https://archive.apache.org/dist/ant/binaries',
    version: (version) => /^1\.\d+\.\d+$/.exec(version)?.[0],
    urls: {
      'win32-x64': `${ANT}-bin.zip`,
      'win32-x86': `${ANT}-bin.zip`,
      'win32-arm64': `${ANT}-bin.zip`,
      any: `${ANT}-bin.tar.gz`,
    },
  },
]

/** `8.14` has no zero at its end; since 9.0.0 there are always three numbers. */
function gradleVersion(version: string): string | undefined {
  if (!/^\d+\.\d+(?:\.\d+){0,2}(?:-(?:rc|milestone)-\d+)?$/.test(version)) return undefined
  return compareVersions(version, '9') < 0 ? withoutLastZero(version) : threeNumbers(version)
}
