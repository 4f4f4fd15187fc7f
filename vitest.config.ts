import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Unit tests read the source; nothing has to be built for them. */
const alias = [
  { find: /^raindrop-js\/testing$/, replacement: source('./src/testing/index.ts') },
  { find: /^raindrop-js\/relay$/, replacement: source('./src/relay/index.ts') },
  { find: /^raindrop-js\/react$/, replacement: source('./src/react/index.ts') },
  { find: /^raindrop-js\/next$/, replacement: source('./src/next/index.ts') },
  { find: /^raindrop-js\/tracing$/, replacement: source('./src/tracing/node.ts') },
  { find: /^raindrop-js\/internal$/, replacement: source('./src/internal/index.ts') },
  { find: /^raindrop-js\/ax$/, replacement: source('./src/integrations/ax/index.ts') },
  { find: /^raindrop-js\/ai-sdk$/, replacement: source('./src/integrations/ai-sdk/index.ts') },
  { find: /^raindrop-js$/, replacement: source('./src/node/index.ts') },
]

export default defineConfig({
  test: {
    // Two: the size of the machine that CI promises. More forks than cores only make timing tests slow.
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: ['src/**/*.fault.test.ts', 'src/**/*.property.test.ts'],
          // No test waits that long; a machine that is busy with something else may.
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'fault',
          include: ['src/**/*.fault.test.ts', 'src/**/*.property.test.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'repo', include: ['test/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'package',
          include: ['test/package/*.test.ts'],
          globalSetup: ['test/package/setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'demo',
          include: ['demo/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '**/.next/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
