/**
 * The rules of the house that are about imports: 1, 2 and 5 of docs/architecture. Rules 3 (importing does nothing) and 4 (no
 * module-level state) are tests: test/import-effects.test.ts, test/module-state.test.ts.
 */

const { layers, filesNamed } = require('./scripts/core-layers.cjs')

const tests = '\\.(test|contract|test-d)\\.tsx?$'

const layerRules = layers.slice(0, -1).map((names, level) => ({
  name: `core-direction-${level}`,
  comment:
    'Rule 5: client → interaction, feedback, tracing, delivery → queue, wire, retry → values, size, ports, types, errors.',
  severity: 'error',
  from: { path: filesNamed(names) },
  to: { path: filesNamed(layers.slice(level + 1).flat()) },
}))

module.exports = {
  forbidden: [
    {
      name: 'core-is-closed',
      comment:
        'Rule 1: core imports core, zustand/vanilla, nanoid and the types of OpenTelemetry. Pass the platform in through a port.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: tests },
      to: {
        pathNot: [
          '^src/core/',
          'node_modules/zustand/(esm/)?vanilla\\.',
          'node_modules/nanoid/',
          'node_modules/@opentelemetry/',
        ],
      },
    },
    {
      name: 'core-opentelemetry-types-only',
      comment: 'Rule 1: core takes types from OpenTelemetry, never code: use `import type`.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: tests },
      to: { path: '@opentelemetry/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'platforms-apart',
      comment: 'Rule 2: node, browser and edge never see each other. What they share is core and web.',
      severity: 'error',
      from: { path: '^src/(node|browser|edge|web)/' },
      to: { path: '^src/(node|browser|edge)/', pathNot: '^src/$1/' },
    },
    {
      name: 'edge-is-web-standard',
      comment: 'Rule 2: edge, browser, what they share, and the relay use Web standards only.',
      severity: 'error',
      from: { path: '^src/(browser|edge|web|relay|next)/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'react-receives-a-client',
      comment: 'Rule 2: react sees the types of core and the store, and imports the SDK by package name.',
      severity: 'error',
      from: { path: '^src/react/', pathNot: tests },
      to: { path: '^src/(?!react/)', dependencyTypesNot: ['type-only'], pathNot: '^src/core/store\\.ts$' },
    },
    {
      name: 'entries-by-name',
      comment:
        'The testing, relay, next and integration entries import the SDK by package name, so that there is one copy of it.',
      severity: 'error',
      from: { path: '^src/(testing|relay|next|integrations)/', pathNot: tests },
      to: { path: '^src/(node|browser|edge)/' },
    },
    {
      name: 'consumers-use-the-package',
      comment: 'Rule 2: demo, e2e and bench import package entry points only, never ../src.',
      severity: 'error',
      from: { path: '^(demo|e2e|bench)/' },
      to: { path: '^src/' },
    },
    {
      name: 'consumers-stay-home',
      comment: 'Rule 2: demo, e2e and bench reach nothing else by a relative path, the built files included.',
      severity: 'error',
      from: { path: '^(demo|e2e|bench)/' },
      to: { path: '^(dist|test|scripts|demo|e2e|bench)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'source-ships-no-tests',
      comment: 'What is shipped imports no test and no contract suite.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: tests },
    },
    ...layerRules,
  ],
  options: {
    // `import type` crosses a boundary too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['/\\.next/', '/fixtures/', '/\\.cache/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types', 'default'] },
  },
}
