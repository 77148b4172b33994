import { describe } from 'vitest'
import { itReads } from './cases.ts'

const FABRIC = 'https://download.microsoft.com/download/b/8/a/b8a2fb98-0ec1-41e5-be98-9d8b5abf7856'
const APPLE = 'nothing: Apple gives it only to those who log in to developer.apple.com'
const SHA = 'f9088c04a44f1f37a8a3a228a7663e11ae9445fa07529c96cef38acb985a88f3'

describe('what only one system has', () => {
  itReads([
    {
      says: 'the edition, components and extensions',
      section: 'visualStudio',
      image: 'windows',
      value: {
        version: '2019',
        subversion: '16',
        edition: 'Enterprise',
        channel: 'release',
        signature: ['8F98'],
        workloads: ['Component.Linux.CMake', 7],
        vsix: ['ms-biztalk.BizTalk'],
      },
      rows: [
        'visualStudio visualStudio 16 win32/x64 | table-tool Visual Studio Enterprise 2019 fits | floating https://aka.ms/vs/16/release/vs_enterprise.exe',
        'visualStudio Component.Linux.CMake * win32/x64 | vs-component Component.Linux.CMake newest | floating https://aka.ms/vs/16/release/vs_enterprise.exe',
        'visualStudio 7 * win32/x64 | vs-component 7 newest | floating https://aka.ms/vs/16/release/vs_enterprise.exe',
        'vsix ms-biztalk.BizTalk * win32/x64 | vs-component ms-biztalk.BizTalk newest | floating the marketplace gives whatever is the newest: see https://marketplace.visualstudio.com/items?itemName=ms-biztalk.BizTalk',
      ],
    },
    {
      says: 'no edition',
      section: 'visualStudio',
      image: 'windows',
      value: { version: '2022', subversion: '17', workloads: ['x'] },
      rows: [],
      faults: ['$.visualStudio: has no edition'],
    },
    {
      says: 'extensions as objects',
      section: 'vsix',
      image: 'windows',
      value: [{ name: 'a.b' }],
      rows: [
        'vsix a.b * win32/x64 | vs-component a.b newest | floating the marketplace gives whatever is the newest: see https://marketplace.visualstudio.com/items?itemName=a.b',
      ],
    },
    {
      says: 'features are turned on',
      section: 'windowsFeatures',
      image: 'windows',
      value: [{ name: 'Hyper-V', includeAllSubFeatures: true }, { optionalFeature: true }],
      rows: [
        'windowsFeatures Hyper-V * win32/x64 | unlisted | nothing: a feature of Windows, which is turned on',
      ],
      faults: ['$.windowsFeatures[1]: has no name'],
    },
    {
      says: 'packages of MSYS2 and of its MinGW',
      section: 'MsysPackages',
      image: 'windows',
      value: {
        msys2: ['base-devel'],
        mingw: [
          {
            arch: 'mingw-w64-i686',
            exec_dir: 'mingw32',
            runtime_packages: [{ name: 'clang', executables: ['clang'] }],
            additional_packages: ['llvm'],
          },
          {},
        ],
      },
      rows: [
        'MsysPackages base-devel * win32/x64 | unlisted | nothing: pacman brings it into MSYS2',
        'MsysPackages mingw-w64-i686-clang * win32/x64 | unlisted | nothing: pacman brings it into MSYS2',
        'MsysPackages mingw-w64-i686-llvm * win32/x64 | unlisted | nothing: pacman brings it into MSYS2',
      ],
      faults: ['$.MsysPackages.mingw[1]: has no arch'],
    },
    {
      says: 'installers with their digests; reports show the version of the runtime as that of the SDK',
      section: 'serviceFabric',
      image: 'windows',
      value: {
        runtime: { version: '10.1.2493.9590', checksum: SHA.toUpperCase() },
        sdk: { version: '7.1.2493', checksum: 'x' },
      },
      rows: [
        `serviceFabric runtime (service-fabric-runtime) 10.1.2493.9590 win32/x64 | tool Service Fabric SDK exact | toolset 10.1.2493.9590 ${FABRIC}/MicrosoftServiceFabric.10.1.2493.9590.exe ${SHA}`,
        `serviceFabric sdk (service-fabric-sdk) 7.1.2493 win32/x64 | unlisted | toolset 7.1.2493 ${FABRIC}/MicrosoftServiceFabricSDK.7.1.2493.msi`,
      ],
      faults: ['$.serviceFabric.sdk.checksum: is no SHA-256'],
    },
    {
      says: 'by arch',
      section: 'xcode',
      image: 'macos',
      value: {
        default: '16',
        x64: { versions: [{ link: '26_beta', version: '26.0.0-Beta+17A5241e', sha256: SHA }] },
        arm64: { versions: [{ link: '16.4', version: '16.4.0+16F6' }, { link: '16.3' }] },
      },
      rows: [
        `xcode Xcode 26.0.0-Beta+17A5241e darwin/x64 | table-tool Xcode exact 26.0 | ${APPLE}`,
        `xcode Xcode 16.4.0+16F6 darwin/arm64 | table-tool Xcode exact 16.4 | ${APPLE}`,
      ],
      faults: ['$.xcode.arm64.versions[1]: has no version'],
    },
    {
      says: 'a list of texts',
      section: 'xcode',
      image: 'macos',
      value: { default: '11.7', versions: ['12', '12.1_GM_seed', '11.4.1'] },
      rows: [
        `xcode Xcode 12 darwin/arm64 | table-tool Xcode exact 12.0 | ${APPLE}`,
        `xcode Xcode 12.1_GM_seed darwin/arm64 | table-tool Xcode exact 12.1 | ${APPLE}`,
        `xcode Xcode 11.4.1 darwin/arm64 | table-tool Xcode exact 11.4.1 | ${APPLE}`,
      ],
    },
    {
      says: 'the framework and NUnit',
      section: 'mono',
      image: 'macos',
      value: { framework: { version: '6.12.0.188', sha256: SHA }, nunit: { version: '3.15.4' } },
      rows: [
        `mono framework (mono-framework) 6.12.0.188 darwin/arm64 | tool Mono fits | toolset 6.12.0.188 https://download.mono-project.com/archive/6.12.0/macos-10-universal/MonoFramework-MDK-6.12.0.188.macos10.xamarin.universal.pkg ${SHA}`,
        'mono nunit (nunit-console) 3.15.4 darwin/arm64 | tool NUnit fits | toolset 3.15.4 https://github.com/nunit/nunit-console/releases/download/3.15.4/NUnit.Console-3.15.4.zip',
      ],
    },
    {
      says: 'lists of versions; bundles only name them',
      section: 'xamarin',
      image: 'macos',
      value: {
        vsmac: { default: '2022', versions: ['2022'] },
        'mono-versions': ['6.12.0.188'],
        'ios-versions': ['16.2.0.5'],
        bundles: [{ symlink: '6_12_24' }],
      },
      rows: [
        'xamarin vsmac 2022 darwin/arm64 | table-tool Visual Studio for Mac fits | floating its support ended in 2024; its URLs hold more than the version',
        'xamarin mono (xamarin-mono) 6.12.0.188 darwin/arm64 | tool Mono fits | toolset 6.12.0.188 https://download.mono-project.com/archive/6.12.0/macos-10-universal/MonoFramework-MDK-6.12.0.188.macos10.xamarin.universal.pkg',
        'xamarin ios (xamarin-ios) 16.2.0.5 darwin/arm64 | unlisted | floating its support ended in 2024; its URLs hold more than the version',
      ],
    },
  ])
})
