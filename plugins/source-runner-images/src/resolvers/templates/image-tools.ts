import type { Template } from './row.ts'

// what the scripts below images/*/scripts/build of actions/runner-images fetch, file for file

const THREE = /^\d+\.\d+\.\d+$/
const three = (version: string): string | undefined => (THREE.test(version) ? version : undefined)

/** Install-Kotlin.ps1. */
export const KOTLIN: Template = {
  tool: 'kotlin',
  releases: 'https://github.com/JetBrains/kotlin/releases',
  version: three,
  urls: {
    any: 'https://github.com/JetBrains/kotlin/releases/download/v{version}/kotlin-compiler-{version}.zip',
  },
}

const POWERSHELL = 'https://github.com/PowerShell/PowerShell/releases/download/v{version}'

/** Install-PowershellCore.ps1, install-powershell.sh. */
export const PWSH: Template = {
  tool: 'pwsh',
  aliases: ['PowerShell'],
  releases: 'https://github.com/PowerShell/PowerShell/releases',
  version: three,
  urls: {
    'win32-x64': `${POWERSHELL}/PowerShell-{version}-win-x64.msi`,
    'win32-x86': `${POWERSHELL}/PowerShell-{version}-win-x86.msi`,
    'win32-arm64': `${POWERSHELL}/PowerShell-{version}-win-arm64.msi`,
    'linux-x64': `${POWERSHELL}/powershell-{version}-linux-x64.tar.gz`,
    'linux-arm64': `${POWERSHELL}/powershell-{version}-linux-arm64.tar.gz`,
    'darwin-x64': `${POWERSHELL}/powershell-{version}-osx-x64.pkg`,
    'darwin-arm64': `${POWERSHELL}/powershell-{version}-osx-arm64.pkg`,
  },
}

/** Install-MysqlCli.ps1: a folder for each series. */
export const MYSQL: Template = {
  tool: 'mysql',
  releases: 'https://dev.mysql.com/downloads/mysql/',
  version: three,
  words: (version) => ({ series: version.split('.').slice(0, 2).join('.') }),
  urls: { 'win32-x64': 'https://cdn.mysql.com/Downloads/MySQL-{series}/mysql-{version}-winx64.msi' },
}

/** Install-MongoDB.ps1. */
export const MONGODB: Template = {
  tool: 'mongodb',
  releases: 'https://www.mongodb.com/try/download/community',
  version: three,
  urls: { 'win32-x64': 'https://fastdl.mongodb.org/windows/mongodb-windows-x86_64-{version}-signed.msi' },
}

/** Install-LLVM.ps1: on x64 through Chocolatey, whose package fetches the project's installer. */
export const LLVM: Template = {
  tool: 'llvm',
  releases: 'https://github.com/llvm/llvm-project/releases',
  version: three,
  urls: {
    'win32-x64':
      'https://github.com/llvm/llvm-project/releases/download/llvmorg-{version}/LLVM-{version}-win64.exe',
    'win32-arm64':
      'https://github.com/llvm/llvm-project/releases/download/llvmorg-{version}/clang+llvm-{version}-aarch64-pc-windows-msvc.tar.xz',
  },
}

const SELENIUM_RELEASES = 'https://github.com/SeleniumHQ/selenium/releases'

/** Install-Selenium.ps1. */
export const SELENIUM: Template = {
  tool: 'selenium-server',
  aliases: ['selenium'],
  releases: SELENIUM_RELEASES,
  version: (version) => (/^[4-9]\d*\.\d+\.\d+$/.test(version) ? version : undefined),
  urls: { any: `${SELENIUM_RELEASES}/download/selenium-{version}/selenium-server-{version}.jar` },
}

/** Version 3 of it, whose one file has everything. */
export const SELENIUM_STANDALONE: Template = {
  tool: 'selenium-server-standalone',
  releases: SELENIUM_RELEASES,
  version: (version) => (/^3\.\d+\.\d+$/.test(version) ? version : undefined),
  urls: {
    any: `${SELENIUM_RELEASES}/download/selenium-{version}/selenium-server-standalone-{version}.jar`,
  },
}

/**
 * Install-OpenSSL.ps1: installers of Shining Light Productions. Of 1.1.1 and before there are only releases with a
 * letter. They keep the newest of each series only.
 */
export const OPENSSL: Template = {
  tool: 'openssl',
  releases: 'https://slproweb.com/products/Win32OpenSSL.html',
  version: (version) => (/^(?:[01]\.\d+\.\d+[a-z]|[3-9]\.\d+\.\d+)$/.test(version) ? version : undefined),
  words: (version) => ({ joined: version.replaceAll('.', '_') }),
  urls: {
    'win32-x64': 'https://slproweb.com/download/Win64OpenSSL-{joined}.exe',
    'win32-x86': 'https://slproweb.com/download/Win32OpenSSL-{joined}.exe',
    'win32-arm64': 'https://slproweb.com/download/Win64ARMOpenSSL-{joined}.exe',
  },
}

const COMPOSE_FILE = 'https://github.com/docker/compose/releases/download/v{version}/docker-compose'

/** Install-DockerCompose.ps1, install-docker.sh: the plugin, which came with version 2. */
export const COMPOSE: Template = {
  tool: 'docker-compose',
  releases: 'https://github.com/docker/compose/releases',
  version: (version) => (THREE.test(version) && !/^[01]\./.test(version) ? version : undefined),
  urls: {
    'win32-x64': `${COMPOSE_FILE}-windows-x86_64.exe`,
    'win32-arm64': `${COMPOSE_FILE}-windows-aarch64.exe`,
    'linux-x64': `${COMPOSE_FILE}-linux-x86_64`,
    'linux-arm64': `${COMPOSE_FILE}-linux-aarch64`,
    'darwin-x64': `${COMPOSE_FILE}-darwin-x86_64`,
    'darwin-arm64': `${COMPOSE_FILE}-darwin-aarch64`,
  },
}

const BUILDX_FILE = 'https://github.com/docker/buildx/releases/download/v{version}/buildx-v{version}'

/** install-docker.sh. */
export const BUILDX: Template = {
  tool: 'docker-buildx',
  aliases: ['buildx'],
  releases: 'https://github.com/docker/buildx/releases',
  version: three,
  urls: {
    'win32-x64': `${BUILDX_FILE}.windows-amd64.exe`,
    'win32-arm64': `${BUILDX_FILE}.windows-arm64.exe`,
    'linux-x64': `${BUILDX_FILE}.linux-amd64`,
    'linux-arm64': `${BUILDX_FILE}.linux-arm64`,
    'darwin-x64': `${BUILDX_FILE}.darwin-amd64`,
    'darwin-arm64': `${BUILDX_FILE}.darwin-arm64`,
  },
}

/** install-oc-cli.sh. */
export const OPENSHIFT: Template = {
  tool: 'openshift-client',
  releases: 'https://mirror.openshift.com/pub/openshift-v4/clients/ocp/',
  version: three,
  urls: {
    'linux-x64':
      'https://mirror.openshift.com/pub/openshift-v4/clients/ocp/{version}/openshift-client-linux-{version}.tar.gz',
    'linux-arm64':
      'https://mirror.openshift.com/pub/openshift-v4/clients/ocp/{version}/openshift-client-linux-arm64-{version}.tar.gz',
  },
}

/** What the images have of their own, each by its project's convention. */
export const IMAGE_TOOLS: readonly Template[] = [
  ...[KOTLIN, PWSH, MYSQL, MONGODB, LLVM, SELENIUM, SELENIUM_STANDALONE, OPENSSL],
  ...[COMPOSE, BUILDX, OPENSHIFT],
]
