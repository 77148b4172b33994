import { defineConfig } from 'vitest/config'

// Tests run on the sources: every workspace exports them under this condition.
const conditions = ['@pkgcache/source', 'node', 'import', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'core/test/**/*.test.ts',
      'cli/test/**/*.test.ts',
      'plugins/*/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    server: { deps: { inline: [/@pkgcache\//, /^pkgcache$/] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
