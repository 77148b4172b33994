import { describe } from 'vitest'
import { itReads } from './cases.ts'

const SDKMANAGER = 'package-manager sdkmanager brings it, not a URL of its own'
const REPOSITORY = 'https://dl.google.com/android/repository'
const SHA = 'f9088c04a44f1f37a8a3a228a7663e11ae9445fa07529c96cef38acb985a88f3'

describe('Android', () => {
  itReads([
    {
      says: 'Windows: a URL with its digest',
      section: 'android',
      image: 'windows',
      value: {
        commandline_tools_url: `${REPOSITORY}/commandlinetools-win-12266719_latest.zip`,
        hash: SHA.toUpperCase(),
        platform_min_version: '34',
        build_tools_min_version: '34.0.0',
        extras: ['android;m2repository', 'intel;Hardware_Accelerated_Execution_Manager'],
        addons: ['addon-google_apis-google-24'],
        additional_tools: [
          'cmake;3.31.5',
          'cmake;3.10.2.4988404',
          'patcher;v4',
          'platform-tools',
          'skiaparser;3',
        ],
        ndk: { default: '27', versions: ['26', '27'] },
      },
      rows: [
        `android cmdline-tools (android-cmdline-tools) 12266719 win32/x64 | android Android Command Line Tools newest | toolset 12266719 ${REPOSITORY}/commandlinetools-win-12266719_latest.zip ${SHA}`,
        `android platforms 34 win32/x64 | android Android SDK Platforms minimum | ${SDKMANAGER}`,
        `android build-tools 34.0.0 win32/x64 | android Android SDK Build-tools minimum | ${SDKMANAGER}`,
        `android android;m2repository * win32/x64 | android Android Support Repository newest | ${SDKMANAGER}`,
        `android intel;Hardware_Accelerated_Execution_Manager * win32/x64 | unlisted | ${SDKMANAGER}`,
        `android addon-google_apis-google-24 addon-google_apis-google-24 win32/x64 | android Google APIs exact addon-google_apis-google-24 | ${SDKMANAGER}`,
        `android cmake;3.31.5 3.31.5 win32/x64 | android CMake fits 3.31.5 | ${SDKMANAGER}`,
        `android cmake;3.10.2.4988404 3.10.2 win32/x64 | android CMake fits 3.10.2 | ${SDKMANAGER}`,
        `android patcher;v4 * win32/x64 | android SDK Patch Applier v4 newest | ${SDKMANAGER}`,
        `android platform-tools * win32/x64 | android Android SDK Platform-Tools newest | ${SDKMANAGER}`,
        `android skiaparser;3 * win32/x64 | unlisted | ${SDKMANAGER}`,
        `android ndk 26 win32/x64 | android NDK fits | ${SDKMANAGER}`,
        `android ndk 27 win32/x64 | android NDK fits | ${SDKMANAGER}`,
      ],
    },
    {
      says: 'macOS: files of the repository, and lists with dashes',
      section: 'android',
      image: 'macos',
      value: {
        'cmdline-tools': 'commandlinetools-mac-12266719_latest.zip',
        'sdk-tools': 'sdk-tools-darwin-4333796.zip',
        'extra-list': ['google;m2repository'],
        'addon-list': [],
        'additional-tools': ['cmake;3.18.1'],
        ndk: { lts: '21' },
      },
      rows: [
        `android cmdline-tools (android-cmdline-tools) 12266719 darwin/arm64 | android Android Command Line Tools newest | toolset 12266719 ${REPOSITORY}/commandlinetools-mac-12266719_latest.zip`,
        `android sdk-tools (android-sdk-tools) 4333796 darwin/arm64 | android Android SDK Tools newest | toolset 4333796 ${REPOSITORY}/sdk-tools-darwin-4333796.zip`,
        `android google;m2repository * darwin/arm64 | android Google Repository newest | ${SDKMANAGER}`,
        `android cmake;3.18.1 3.18.1 darwin/arm64 | android CMake fits 3.18.1 | ${SDKMANAGER}`,
        `android ndk 21 darwin/arm64 | android NDK fits | ${SDKMANAGER}`,
      ],
    },
    {
      says: 'Ubuntu: the newest tools',
      section: 'android',
      image: 'ubuntu',
      value: { 'cmdline-tools': 'latest', extra_list: ['google;google_play_services'], addon_list: [] },
      rows: [
        `android cmdline-tools (android-cmdline-tools) latest linux/x64 | android Android Command Line Tools newest | floating the newest is taken, whatever that is: see ${REPOSITORY}/repository2-1.xml`,
        `android google;google_play_services * linux/x64 | android Google Play services newest | ${SDKMANAGER}`,
      ],
    },
    {
      says: 'what cannot be understood',
      section: 'android',
      image: 'windows',
      value: {
        commandline_tools_url: 'http://example.com/tools.zip',
        'sdk-tools': 'sdk-tools-windows-1.zip',
        hash: 'abc',
        ndk: {},
        emulators: ['x'],
      },
      rows: [
        `android sdk-tools (android-sdk-tools) 1 win32/x64 | android Android SDK Tools newest | toolset 1 ${REPOSITORY}/sdk-tools-windows-1.zip`,
      ],
      faults: [
        '$.android.commandline_tools_url: is no archive of these tools: a file name with a build number',
        '$.android.ndk: has no versions',
        '$.android.emulators: is not known; nothing of it is looked for',
      ],
    },
    {
      says: 'a digest that is none',
      section: 'android',
      image: 'windows',
      value: { commandline_tools_url: `${REPOSITORY}/commandlinetools-win-1_latest.zip`, hash: 'abc' },
      rows: [
        `android cmdline-tools (android-cmdline-tools) 1 win32/x64 | android Android Command Line Tools newest | toolset 1 ${REPOSITORY}/commandlinetools-win-1_latest.zip`,
      ],
      faults: ['$.android.hash: is no SHA-256'],
    },
  ])
})
