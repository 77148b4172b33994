import type { SourceRow } from './types.ts'

/** What the older PowerShell builder made URLs of, whatever the tool's version was: its spec went in as it stood. */
const TEMPLATES: readonly string[] = [
  'https://github.com/git-for-windows/git/releases/download/v{}.windows.1/Git-{}-64-bit.exe',
  'https://nodejs.org/dist/v{}/node-v{}-x64.msi',
  'https://www.python.org/ftp/python/{}/python-{}-amd64.exe',
  'https://go.dev/dl/go{}.windows-amd64.msi',
  'https://download.docker.com/win/stable/Docker%20Desktop%20Installer.exe',
  'https://github.com/Kitware/CMake/releases/download/v{}/cmake-{}-windows-x86_64.msi',
  'https://releases.hashicorp.com/packer/{}/packer_{}_windows_amd64.zip',
  'https://services.gradle.org/distributions/gradle-{}-bin.zip',
  'https://archive.apache.org/dist/maven/maven-3/{}/binaries/apache-maven-{}-bin.zip',
  'https://archive.apache.org/dist/ant/binaries/apache-ant-{}-bin.zip',
  'https://github.com/jqlang/jq/releases/download/jq-{}/jq-win64.exe',
  'https://github.com/oneclick/rubyinstaller2/releases/download/RubyInstaller-{}/rubyinstaller-{}-x64.exe',
  'https://downloads.python.org/pypy/pypy{}-win64.zip',
]

/**
 * True for a row as the older builder wrote it: its URL, and neither digest nor size, which it never knew. Whatever
 * differs from that was edited by hand.
 */
export function isOlderBuilders(row: SourceRow): boolean {
  const { downloadUrl: url = '', version, sha256, sha512, size } = row
  if (sha256 !== undefined || sha512 !== undefined || size !== undefined) return false
  const dense = `https://www.7-zip.org/a/7z${version.replaceAll('.', '')}-x64.msi`
  return (
    url.startsWith('https://example.com/downloads/') ||
    url === dense ||
    TEMPLATES.some((template) => template.replaceAll('{}', () => version) === url)
  )
}
