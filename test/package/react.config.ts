import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import root from '../../vitest.config'

/** The unit tests of src/react, with the React that is installed in this folder. */
const folder = join(process.env['REACT_FOLDER'] ?? '.', 'node_modules')

const own = ['react', 'react-dom', '@testing-library/react'].map((name) => ({
  find: new RegExp(`^${name}(?=$|/)`),
  replacement: join(folder, name),
}))
const [unit] = (root.test?.projects ?? []) as Array<{
  resolve: { alias: Array<{ find: RegExp; replacement: string }> }
}>

export default defineConfig({
  resolve: { alias: [...own, ...unit!.resolve.alias] },
  test: { include: ['src/react/**/*.test.tsx'], testTimeout: 60_000 },
})
