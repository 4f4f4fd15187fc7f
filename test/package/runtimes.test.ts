import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bareEntries, execute } from './execute'

const project = inject('project')
const onNode22 = process.versions.node.startsWith('22.')

/** A Node 22 from the registry, in a folder of its own. */
async function installNode22(folder: string): Promise<string> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await execute('npm', ['install', 'node@22', '--ignore-scripts=false', '--no-audit', '--no-fund'], { cwd: folder })
  return join(folder, 'node_modules/node/bin/node')
}

describe.each(['this Node', 'Node 22'])('on %s', (name) => {
  let node = process.execPath
  let folder: string | undefined

  beforeAll(async () => {
    if (name === 'this Node' || onNode22) return
    folder = await mkdtemp(join(tmpdir(), 'raindrop-node22-'))
    node = await installNode22(folder)
  })
  afterAll(() => folder && rm(folder, { recursive: true, force: true }))

  const exportsOf = async (file: string) => {
    const { stdout, stderr } = await execute(node, [file, ...bareEntries], { cwd: project })
    expect(stderr).toBe('')
    return JSON.parse(stdout) as Record<string, string[]>
  }

  it('imports every entry that needs no other package as an ES module', async () => {
    const found = await exportsOf('import-all.mjs')
    expect(Object.keys(found)).toEqual(bareEntries)
    expect(found['raindrop-js']).toEqual(
      expect.arrayContaining(['Raindrop', 'RaindropError', 'createRaindrop', 'fileQueue']),
    )
  })

  it('requires them as CommonJS, with the same names', async () => {
    expect(await exportsOf('require-all.cjs')).toEqual(await exportsOf('import-all.mjs'))
  })

  it.each(['use.mjs', 'use.cjs'])('delivers an event from %s', async (file) => {
    const { stdout, stderr } = await execute(node, [file], { cwd: project })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ delivered: 1, pending: 0, dropped: 0 })
  })

  it.each(['relay.mjs', 'relay.cjs'])('relays a vote, and flushes without next, from %s', async (file) => {
    const { stdout, stderr } = await execute(node, [file], { cwd: project })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ accepted: ['r1'], rejected: [], told: ['invalid_options'], delivered: 2 })
  })
})

it('exports the same names from the node and the edge build', async () => {
  const at = async (condition: string) =>
    (await execute(process.execPath, [`--conditions=${condition}`, 'import-all.mjs', 'raindrop-js'], { cwd: project }))
      .stdout
  expect(await at('edge-light')).toBe(await at('node'))
})
