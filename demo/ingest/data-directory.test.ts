import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { prepareDirectory } from './data-directory'
import { createEventStore } from './event-store'
import { openDatabase } from './open-database'
import { openPGlite } from './pglite-database'

const root = mkdtempSync(join(tmpdir(), 'raindrop-data-'))
const whole = join(root, 'whole')
const event = { kind: 'event', id: 'kept', body: { event_id: 'kept', event: 'chat', user_id: 'u1' } } as const

beforeAll(async () => {
  const store = await createEventStore(await openDatabase({ dataDirectory: whole }))
  await store.ingest([event])
  await store.close()
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Every file with its content's length, but for what Postgres makes anew with every start. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^postmaster\.|^pg_internal\.init$/.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name} ${readFileSync(join(entry.parentPath, entry.name)).length}`)
    .sort()

it.each([
  ['the version is missing', (data: string) => rmSync(join(data, 'PG_VERSION'))],
  ['the control file is cut off', (data: string) => truncateSync(join(data, 'global', 'pg_control'), 100)],
  [
    'the control file is garbage',
    (data: string) => writeFileSync(join(data, 'global', 'pg_control'), Buffer.alloc(8_192, 7)),
  ],
  ['the tables are gone', (data: string) => rmSync(join(data, 'base'), { recursive: true })],
])('says how to move a damaged store aside, and changes nothing in it, when %s', async (what, damage) => {
  const folder = join(root, what.replaceAll(' ', '-'))
  cpSync(whole, folder, { recursive: true })
  const data = join(folder, 'ingest')
  damage(data)
  const before = filesIn(data)
  await expect(openDatabase({ dataDirectory: folder })).rejects.toThrow(
    new RegExp(`cannot be opened[^]*Nothing in it was deleted[^]*mv '${data}' '${data}\\.damaged-`),
  )
  expect(filesIn(data)).toEqual(before)
})

it('says what to do when the folder cannot be written', async () => {
  writeFileSync(join(root, 'a-file'), '')
  await expect(openDatabase({ dataDirectory: join(root, 'a-file') })).rejects.toThrow(
    /cannot be written \(\w+\)\. Make it writable for this user, or set RAINDROP_DATA_DIR/,
  )
})

it('begins again after a first start that was cut off', async () => {
  const data = join(root, 'cut-off', 'ingest')
  mkdirSync(`${data}.unfinished`, { recursive: true })
  writeFileSync(join(`${data}.unfinished`, 'half'), '')
  const create = vi.fn((folder: string) => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'PG_VERSION'), '18')
    return Promise.resolve()
  })
  await prepareDirectory(data, create)
  expect(create).toHaveBeenCalledOnce()
  expect(readdirSync(data)).toEqual(['PG_VERSION'])
  expect(existsSync(`${data}.unfinished`)).toBe(false)
})

it('keeps everything over a restart', async () => {
  const store = await createEventStore(await openPGlite(join(whole, 'ingest')))
  expect((await store.get('kept'))?.event).toBe('chat')
  await store.close()
})
