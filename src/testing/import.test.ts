import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('.', import.meta.url)
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test'))

describe('the testing entry', () => {
  it.each(sources)('%s imports nothing of Node but types, and only when asked', (name) => {
    const code = readFileSync(new URL(name, folder), 'utf8')
    const imports = code.split('\n').filter((line) => /^(?:import|export) .* from 'node:/.test(line))
    expect(imports.filter((line) => !line.startsWith('import type '))).toEqual([])
  })
})
