import { describe } from 'vitest'
import { itReads } from './cases.ts'

const BREW = 'package-manager Homebrew brings it, not a URL of its own'
const APT = 'package-manager apt brings it, not a URL of its own'
const CHOCO = 'package-manager Chocolatey brings it, not a URL of its own'

describe('tools that are asked for by one version', () => {
  itReads([
    {
      says: 'the newest',
      section: 'kotlin',
      image: 'windows',
      value: { version: 'latest' },
      rows: ['kotlin kotlin latest win32/x64 | tool Kotlin fits | template kotlin kotlin latest'],
    },
    {
      says: 'why it is pinned is nothing that is asked for',
      section: 'kotlin',
      image: 'windows',
      value: { version: '2.1.10', pinnedDetails: { reason: 'broken' } },
      rows: ['kotlin kotlin 2.1.10 win32/x64 | tool Kotlin fits | template kotlin kotlin 2.1.10'],
    },
    {
      says: 'no version',
      section: 'kotlin',
      image: 'windows',
      value: {},
      rows: [],
      faults: ['$.kotlin: has no version'],
    },
    {
      says: 'an empty version',
      section: 'kotlin',
      image: 'windows',
      value: { version: ' ' },
      rows: [],
      faults: ['$.kotlin.version: is empty'],
    },
    {
      says: 'a version that is no text',
      section: 'openssl',
      image: 'windows',
      value: { version: ['3'] },
      rows: [],
      faults: ['$.openssl.version: is a list, not a text'],
    },
    {
      says: 'a number is read as a text',
      section: 'maven',
      image: 'windows',
      value: { version: 3.9 },
      rows: ['maven maven 3.9 win32/x64 | tool Maven, Apache Maven fits | template Maven Maven 3.9'],
    },
    {
      says: 'a text in place of an object',
      section: 'pwsh',
      image: 'windows',
      value: '7.4',
      rows: [],
      faults: ['$.pwsh: has no version'],
    },
    {
      says: 'a revision that only the releases tell',
      section: 'mingw',
      image: 'windows',
      value: { version: '14.2.0', runtime: 'ucrt' },
      rows: [
        'mingw mingw 14.2.0 win32/x64 | tool gcc, Mingw-w64 fits | floating its files have the version of the runtime and a revision in their names (…-rt_v12-rev0.7z), which only the releases tell: see https://github.com/niXman/mingw-builds-binaries/releases',
      ],
    },
    {
      says: 'the arch of the image',
      section: 'pwsh',
      image: 'macos',
      value: { version: '7.4' },
      rows: ['pwsh pwsh 7.4 darwin/arm64 | tool PowerShell, PowerShell Core fits | template pwsh pwsh 7.4'],
    },
    {
      says: "the vendor's installer",
      section: 'openssl',
      image: 'windows',
      value: { version: '1.1.1' },
      rows: ['openssl openssl 1.1.1 win32/x64 | tool OpenSSL fits | template openssl openssl 1.1.1'],
    },
    {
      says: "the vendor's installer",
      section: 'mysql',
      image: 'windows',
      value: { version: '8.0' },
      rows: ['mysql mysql 8.0 win32/x64 | tool MySQL fits | template mysql mysql 8.0'],
    },
    {
      says: 'as Windows 2016 spelled it',
      section: 'Mysql',
      image: 'windows',
      value: { version: '5.7' },
      rows: ['Mysql mysql 5.7 win32/x64 | tool MySQL fits | template mysql mysql 5.7'],
    },
    {
      says: "the vendor's installer",
      section: 'mongodb',
      image: 'windows',
      value: { version: '7.0' },
      rows: [
        'mongodb mongodb 7.0 win32/x64 | table-tool+tool MongoDB, mongod fits | template mongodb mongodb 7.0',
      ],
    },
    {
      says: 'a package',
      section: 'mongodb',
      image: 'macos',
      value: { version: '5.0' },
      rows: [`mongodb mongodb 5.0 darwin/arm64 | table-tool+tool MongoDB, mongod fits | ${BREW}`],
    },
    {
      says: 'an installer whose revision has to be tried out',
      section: 'postgresql',
      image: 'windows',
      value: { version: '17' },
      rows: [
        'postgresql postgresql 17 win32/x64 | table-tool+tool PostgreSQL fits | floating its installer has a revision of its own (17.5-1), which has to be tried out: see https://www.enterprisedb.com/downloads/postgres-postgresql-downloads',
      ],
    },
    {
      says: 'an installer with its revision',
      section: 'postgresql',
      image: 'windows',
      value: { version: '17.5.1' },
      rows: [
        'postgresql postgresql 17.5.1 win32/x64 | table-tool+tool PostgreSQL fits 17.5 | toolset 17.5-1 https://get.enterprisedb.com/postgresql/postgresql-17.5-1-windows-x64.exe',
      ],
    },
    {
      says: 'a package',
      section: 'postgresql',
      image: 'ubuntu',
      value: { version: '16' },
      rows: [`postgresql postgresql 16 linux/x64 | table-tool+tool PostgreSQL fits | ${APT}`],
    },
    {
      says: "the project's installer",
      section: 'llvm',
      image: 'windows',
      value: { version: '20' },
      rows: ['llvm llvm 20 win32/x64 | tool LLVM, Clang/LLVM (Homebrew) fits | template llvm llvm 20'],
    },
    {
      says: 'a package',
      section: 'llvm',
      image: 'macos',
      value: { version: '18' },
      rows: [`llvm llvm 18 darwin/arm64 | tool LLVM, Clang/LLVM (Homebrew) fits | ${BREW}`],
    },
    {
      says: 'one version',
      section: 'php',
      image: 'windows',
      value: { version: '8.4' },
      rows: [`php php 8.4 win32/x64 | tool+list PHP fits | ${CHOCO}`],
    },
    {
      says: 'several versions, one of them broken',
      section: 'php',
      image: 'ubuntu',
      value: { versions: ['8.1', null, '8.3'] },
      rows: [
        `php php 8.1 linux/x64 | tool+list PHP fits | ${APT}`,
        `php php 8.3 linux/x64 | tool+list PHP fits | ${APT}`,
      ],
      faults: ['$.php.versions[1]: is null, not a text'],
    },
    {
      says: 'a package',
      section: 'nsis',
      image: 'windows',
      value: { version: '3.10' },
      rows: [`nsis nsis 3.10 win32/x64 | tool NSIS fits | ${CHOCO}`],
    },
    {
      says: 'the server of today',
      section: 'selenium',
      image: 'ubuntu',
      value: { version: '4' },
      rows: [
        'selenium selenium (selenium-server) 4 linux/x64 | tool Selenium server fits | template selenium-server selenium-server 4',
      ],
    },
    {
      says: 'the file of version 3',
      section: 'selenium',
      image: 'windows',
      value: { version: '3', binary_name: 'selenium-server-standalone' },
      rows: [
        'selenium selenium (selenium-server-standalone) 3 win32/x64 | tool Selenium server fits | template selenium-server-standalone selenium-server-standalone 3',
      ],
    },
    {
      says: 'a file that is not known',
      section: 'selenium',
      image: 'windows',
      value: { version: '3', binary_name: 'selenium-hub' },
      rows: [],
      faults: ['$.selenium.binary_name: is no file of Selenium that is known'],
    },
    {
      says: 'on newer Ubuntu',
      section: 'cmake',
      image: 'ubuntu',
      value: { version: 'latest' },
      rows: ['cmake cmake latest linux/x64 | tool CMake fits | template CMake CMake latest'],
    },
    {
      says: 'the one that is on the path',
      section: 'go',
      image: 'macos',
      value: { default: '1.20' },
      rows: [`go.default go 1.20 darwin/arm64 | tool Go < Language and Runtime fits | ${BREW}`],
    },
    {
      says: 'a pinned version with its digest',
      section: 'aliyunCli',
      image: 'ubuntu',
      value: { version: '3.0.174', sha256: 'AB'.repeat(32) },
      rows: [
        `aliyunCli aliyunCli (aliyun-cli) 3.0.174 linux/x64 | tool Alibaba Cloud CLI, Aliyun CLI fits | toolset 3.0.174 https://github.com/aliyun/aliyun-cli/releases/download/v3.0.174/aliyun-cli-linux-3.0.174-amd64.tgz ${'ab'.repeat(32)}`,
      ],
    },
    {
      says: 'the newest',
      section: 'aliyunCli',
      image: 'ubuntu',
      value: { version: 'latest' },
      rows: [
        'aliyunCli aliyunCli (aliyun-cli) latest linux/x64 | tool Alibaba Cloud CLI, Aliyun CLI fits | floating the newest is taken, whatever that is: see https://github.com/aliyun/aliyun-cli/releases',
      ],
    },
    {
      says: 'a pinned version',
      section: 'ocCli',
      image: 'ubuntu',
      value: { version: '4.15.19' },
      rows: [
        'ocCli ocCli (openshift-client) 4.15.19 linux/x64 | tool OpenShift CLI fits | template openshift-client openshift-client 4.15.19',
      ],
    },
  ])
})
