import { describe } from 'vitest'
import { itReads } from './cases.ts'

const by = (manager: string) => `package-manager ${manager} brings it, not a URL of its own`

describe('packages of package managers', () => {
  itReads([
    {
      says: 'aliases, pins of three kinds, and files that have a convention',
      section: 'choco',
      image: 'windows',
      value: {
        common_packages: [
          { name: '7zip.install' },
          { name: 'azcopy10' },
          { name: 'NuGet.CommandLine' },
          { name: 'cmake.install', version: '3.31.6', args: ['--installargs', 'ADD="System"'] },
          { name: 'strawberryperl', args: ['--version', '5.40.2.2'] },
          { name: 'openssl.light', args: ['--version=1.1.1.20181020'] },
          { name: 'julia', args: ['--ia', '/DIR=C:\\Julia'] },
        ],
      },
      rows: [
        'choco 7zip.install (7-zip) * win32/x64 | tool 7zip, 7-Zip newest | template 7-Zip 7-Zip *',
        `choco azcopy10 * win32/x64 | tool azcopy newest | ${by('Chocolatey')}`,
        `choco NuGet.CommandLine * win32/x64 | tool NuGet newest | ${by('Chocolatey')}`,
        'choco cmake.install (cmake) 3.31.6 win32/x64 | tool CMake fits 3.31.6 | template CMake CMake 3.31.6',
        `choco strawberryperl 5.40.2.2 win32/x64 | tool Perl fits 5.40.2 | ${by('Chocolatey')}`,
        `choco openssl.light 1.1.1.20181020 win32/x64 | tool OpenSSL fits 1.1.1 | ${by('Chocolatey')}`,
        `choco julia * win32/x64 | tool julia newest | ${by('Chocolatey')}`,
      ],
    },
    {
      says: 'what cannot be understood; the rest counts',
      section: 'choco',
      image: 'windows',
      value: {
        common_packages: [{ args: [] }, 7, { name: 'jq', args: ['--version'] }, { name: 'swig', args: 'x' }],
        rare_packages: [],
      },
      rows: [
        `choco 7 * win32/x64 | tool 7 newest | ${by('Chocolatey')}`,
        'choco jq (jq) * win32/x64 | tool jq newest | template jq jq *',
        `choco swig * win32/x64 | tool swig newest | ${by('Chocolatey')}`,
      ],
      faults: [
        '$.choco.common_packages[0]: has no name',
        '$.choco.common_packages[2].args[0]: is followed by no version',
        '$.choco.common_packages[3].args: is a string, not a list',
        '$.choco.rare_packages: is not known; nothing of it is looked for',
      ],
    },
    {
      says: 'names of reports where they differ',
      section: 'npm',
      image: 'windows',
      value: { global_packages: [{ name: 'yarn', test: 'yarn --version' }, { name: 'appcenter-cli' }] },
      rows: [
        `npm yarn * win32/x64 | tool yarn newest | ${by('npm')}`,
        `npm appcenter-cli * win32/x64 | tool App Center CLI newest | ${by('npm')}`,
      ],
    },
    {
      says: 'names of reports where they differ',
      section: 'node_modules',
      image: 'ubuntu',
      value: [
        { name: 'n', command: 'n' },
        { name: 'vercel', command: 'vercel' },
        { name: 'netlify-cli', command: 'netlify' },
        { name: 'parcel-bundler', command: 'parcel' },
        { command: 'tsc' },
      ],
      rows: [
        `node_modules n * linux/x64 | tool n newest | ${by('npm')}`,
        `node_modules vercel * linux/x64 | tool Vercel CLI newest | ${by('npm')}`,
        `node_modules netlify-cli * linux/x64 | tool Netlify CLI newest | ${by('npm')}`,
        `node_modules parcel-bundler * linux/x64 | tool Parcel newest | ${by('npm')}`,
      ],
      faults: ['$.node_modules[4]: has no name'],
    },
    {
      says: 'names of reports where they differ',
      section: 'pipx',
      image: 'ubuntu',
      value: [
        { package: 'yamllint', cmd: 'yamllint' },
        { package: 'ansible-core' },
        { package: 'aws-sam-cli' },
      ],
      rows: [
        `pipx yamllint * linux/x64 | tool yamllint newest | ${by('pipx')}`,
        `pipx ansible-core * linux/x64 | tool Ansible newest | ${by('pipx')}`,
        `pipx aws-sam-cli * linux/x64 | tool AWS SAM CLI newest | ${by('pipx')}`,
      ],
    },
    {
      says: 'objects',
      section: 'rubygems',
      image: 'ubuntu',
      value: [{ name: 'fastlane' }, { name: 'bundler', version: '2.4' }],
      rows: [
        `rubygems fastlane * linux/x64 | tool fastlane newest | ${by('RubyGems')}`,
        `rubygems bundler 2.4 linux/x64 | tool bundler fits | ${by('RubyGems')}`,
      ],
    },
    {
      says: 'the Ruby that is on the path, and gems as texts',
      section: 'ruby',
      image: 'macos',
      value: { default: '3.3', rubygems: ['cocoapods', 'nomad-cli', 'xcode-install'] },
      rows: [
        `ruby.default ruby 3.3 darwin/arm64 | tool Ruby < Language and Runtime fits | ${by('Homebrew')}`,
        `ruby.rubygems cocoapods * darwin/arm64 | tool cocoapods newest | ${by('RubyGems')}`,
        `ruby.rubygems nomad-cli * darwin/arm64 | tool Nomad CLI, Nomad shenzhen CLI newest | ${by('RubyGems')}`,
        `ruby.rubygems xcode-install * darwin/arm64 | tool xcversion newest | ${by('RubyGems')}`,
      ],
    },
    {
      says: 'packages of each list',
      section: 'apt',
      image: 'ubuntu',
      value: { vital_packages: ['g++'], common_packages: ['tk'], cmd_packages: ['zip', {}], other: ['x'] },
      rows: [
        `apt g++ * linux/x64 | apt g++ newest | ${by('apt')}`,
        `apt tk * linux/x64 | apt tk newest | ${by('apt')}`,
        `apt zip * linux/x64 | apt zip newest | ${by('apt')}`,
      ],
      faults: [
        '$.apt.cmd_packages[1]: has no name',
        '$.apt.other: is not known; nothing of it is looked for',
      ],
    },
    {
      says: 'formulas and casks, one with its version in its name',
      section: 'brew',
      image: 'macos',
      value: { common_packages: ['ant', 'gnupg', 'tcl-tk@8', 'zstd'], cask_packages: ['parallels'] },
      rows: [
        `brew ant * darwin/arm64 | tool Apache Ant newest | ${by('Homebrew')}`,
        `brew gnupg * darwin/arm64 | tool gpg (GnuPG) newest | ${by('Homebrew')}`,
        `brew tcl-tk@8 8 darwin/arm64 | tool Tcl/Tk fits | ${by('Homebrew')}`,
        `brew zstd * darwin/arm64 | tool zstd newest | ${by('Homebrew')}`,
        `brew parallels * darwin/arm64 | tool parallels newest | ${by('Homebrew')}`,
      ],
    },
    {
      says: 'a list of objects',
      section: 'brew',
      image: 'ubuntu',
      value: [{ name: 'zstd' }],
      rows: [`brew zstd * linux/x64 | tool zstd newest | ${by('Homebrew')}`],
    },
    { says: 'an empty list', section: 'brew', image: 'ubuntu', value: [], rows: [] },
    {
      says: 'several beside each other',
      section: 'clang',
      image: 'ubuntu',
      value: { versions: ['6.0', '18'], default_version: '18' },
      rows: [
        `clang clang 6.0 linux/x64 | list+tool Clang fits | ${by('apt')}`,
        `clang clang 18 linux/x64 | list+tool Clang fits | ${by('apt')}`,
      ],
    },
    {
      says: 'packages of Ubuntu',
      section: 'gcc',
      image: 'ubuntu',
      value: { versions: ['g++-12'] },
      rows: [`gcc gcc g++-12 linux/x64 | list+tool GNU C++ fits 12 | ${by('apt')}`],
    },
    {
      says: 'a line for each in reports of macOS',
      section: 'gcc',
      image: 'macos',
      value: { versions: ['13'] },
      rows: [`gcc gcc 13 darwin/arm64 | tool GCC 13 newest | ${by('Homebrew')}`],
    },
    {
      says: 'packages of Ubuntu',
      section: 'gfortran',
      image: 'ubuntu',
      value: { versions: ['gfortran-12'] },
      rows: [`gfortran gfortran gfortran-12 linux/x64 | list+tool GNU Fortran fits 12 | ${by('apt')}`],
    },
    {
      says: 'no versions',
      section: 'gfortran',
      image: 'ubuntu',
      value: {},
      rows: [],
      faults: ['$.gfortran: has no versions'],
    },
    {
      says: 'commands and SDKs of others than Microsoft',
      section: 'dotnet',
      image: 'ubuntu',
      value: {
        tools: [
          { name: 'nbgv', getversion: 'nbgv --version' },
          { name: 'dotnet-ef', version: '9.0' },
        ],
        aptPackages: ['dotnet-sdk-8.0', 'dotnet-host'],
      },
      rows: [
        `dotnet.tools nbgv * linux/x64 | tool nbgv newest | ${by('NuGet (dotnet tool install)')}`,
        `dotnet.tools dotnet-ef 9.0 linux/x64 | tool dotnet-ef fits | ${by('NuGet (dotnet tool install)')}`,
        `dotnet.aptPackages dotnet-sdk-8.0 8.0 linux/x64 | list .NET Core SDK, .NET SDK all | ${by('apt')}`,
        `dotnet.aptPackages dotnet-host * linux/x64 | unlisted | ${by('apt')}`,
      ],
    },
    {
      says: 'modules, pinned and not',
      section: 'powershellModules',
      image: 'windows',
      value: [{ name: 'Pester' }, { name: 'SqlServer', versions: ['22.2.0', '22.3.0'] }, { versions: [] }],
      rows: [
        'powershellModules Pester * win32/x64 | ps-module Pester newest | powershell-gallery Pester *',
        'powershellModules SqlServer 22.2.0 win32/x64 | ps-module SqlServer exact | powershell-gallery SqlServer 22.2.0',
        'powershellModules SqlServer 22.3.0 win32/x64 | ps-module SqlServer exact | powershell-gallery SqlServer 22.3.0',
      ],
      faults: ['$.powershellModules[2]: has no name'],
    },
    {
      says: 'modules as folders and packed',
      section: 'azureModules',
      image: 'windows',
      value: [
        { name: 'azurerm', versions: ['2.1.0'], zip_versions: ['3.8.0'], default: '2.1.0' },
        { name: 'az', versions: [], zip_versions: [] },
      ],
      rows: [
        'azureModules azurerm 2.1.0 win32/x64 | ps-module azurerm exact | powershell-gallery azurerm 2.1.0',
        'azureModules azurerm 3.8.0 win32/x64 | ps-module azurerm (Cached), azurerm exact | powershell-gallery azurerm 3.8.0',
        'azureModules az * win32/x64 | ps-module az newest | powershell-gallery az *',
      ],
    },
  ])
})
