import type { Template } from './row.ts'

/** Tools of many images, each by its project's convention. */
export const GENERAL: readonly Template[] = [
  {
    tool: 'CMake',
    releases: 'https://github.com/Kitware/CMake/releases',
    urls: {
      'win32-x64':
        'https://github.com/Kitware/CMake/releases/download/v{version}/cmake-{version}-windows-x86_64.zip',
    },
  },
]
