import { describe, expect, it } from 'vitest'
import { createBench } from '../../test/support/delivery-bench.js'
import { createFakeClock } from '../../test/support/fake-clock.js'
import { network } from '../../test/support/scripted-transport.js'
import { createMemoryStore } from './memory-store.js'
import { createResilientStore } from './resilient-store.js'
import type { QueueRecord, QueueStore } from './types.js'

const record = (key: string, json = '{}'): QueueRecord => ({ key, json })
const everything = { prefix: '', limit: 1_000 }

/** A disk that can be pulled out. `fails` names the calls that do. */
function fragileDisk() {
  const memory = createMemoryStore()
  const fails = new Set<string>()
  const disk: QueueStore = {
    kind: 'file',
    put: (...args) => attempt('put', () => memory.put(...args)),
    peek: (...args) => attempt('peek', () => memory.peek(...args)),
    remove: (...args) => attempt('remove', () => memory.remove(...args)),
    size: (...args) => attempt('size', () => memory.size(...args)),
  }
  async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (fails.has('all') || fails.has(name)) throw new Error(`EIO: ${name}`)
    return work()
  }
  const keys = async () => (await memory.peek(everything)).map(({ key }) => key)
  return { disk, fails, keys }
}

function open() {
  const errors: string[] = []
  const clock = createFakeClock()
  const drive = fragileDisk()
  const store = createResilientStore(drive.disk, clock, { onError: ({ code }) => errors.push(code) })
  const keys = async () => (await store.peek(everything)).map(({ key }) => key)
  return { ...drive, store, clock, errors, keys, onDisk: drive.keys }
}

describe('a storage that fails', () => {
  it('is replaced by memory, told of once, and gets everything back when it works again', async () => {
    const { store, fails, clock, errors, keys, onDisk } = open()
    await store.put([record('a')])
    fails.add('all')
    await store.put([record('b')])
    await store.put([record('c')])
    expect(store.kind).toBe('memory')
    expect(await keys()).toEqual(['b', 'c'])
    expect(errors).toEqual(['storage'])
    fails.clear()
    await clock.advance(60_000)
    expect(await keys()).toEqual(['a', 'b', 'c'])
    expect(store.kind).toBe('file')
    expect(await onDisk()).toEqual(['a', 'b', 'c'])
  })

  it('has everything again at the first read after a sleep, in which no timer ran', async () => {
    const clock = createFakeClock()
    const { disk, fails } = fragileDisk()
    const store = createResilientStore(disk, { ...clock, after: () => () => undefined }, { onError: () => undefined })
    await store.put([record('a')])
    fails.add('all')
    await store.put([record('b')])
    fails.clear()
    await clock.advance(60_000)
    expect((await store.peek(everything)).map(({ key }) => key)).toEqual(['a', 'b'])
  })

  it('is not asked again before a minute has passed', async () => {
    const { store, fails, clock, disk } = open()
    fails.add('all')
    await store.put([record('a')])
    let asked = 0
    disk.put = async () => void asked++
    await clock.advance(59_000)
    await store.put([record('b')])
    expect(asked).toBe(0)
    await clock.advance(1_000)
    await store.put([record('c')])
    expect(asked).toBeGreaterThan(0)
  })

  it('does not bring back what was acknowledged while it could not delete', async () => {
    const { store, fails, clock, keys, onDisk } = open()
    await store.put([record('a'), record('b')])
    fails.add('remove')
    await store.remove(['a'])
    expect(await keys()).toEqual([])
    fails.clear()
    await clock.advance(60_000)
    expect(await keys()).toEqual(['b'])
    expect(await onDisk()).toEqual(['b'])
  })

  it('survives a recovery that fails half-way', async () => {
    const { store, fails, clock, keys, onDisk } = open()
    await store.put([record('a')])
    fails.add('all')
    await store.remove(['a'])
    await store.put([record('b'), record('c')])
    fails.clear()
    fails.add('remove')
    await clock.advance(60_000)
    expect(await keys()).toEqual(['b', 'c'])
    expect(await onDisk()).toEqual(['a', 'b', 'c'])
    await store.remove(['b'])
    fails.clear()
    await clock.advance(60_000)
    expect(await keys()).toEqual(['c'])
    expect(await onDisk()).toEqual(['c'])
  })

  it('does not tell a size while it does not know it', async () => {
    const { store, fails, clock } = open()
    await store.put([record('a')])
    fails.add('all')
    await store.put([record('b')])
    await expect(store.size('')).rejects.toThrow('down')
    fails.clear()
    await clock.advance(60_000)
    expect(await store.size('')).toMatchObject({ records: 2 })
  })

  it('gets what is in memory when it is closed', async () => {
    const { store, fails, onDisk } = open()
    fails.add('all')
    await store.put([record('a')])
    fails.clear()
    await store.close?.()
    expect(await onDisk()).toEqual(['a'])
  })

  it('leaves to the next client what it could not delete', async () => {
    const { disk, fails } = fragileDisk()
    let isDone = false
    const shared = { ...disk, list: async () => [], doom: () => () => void (isDone = true) }
    const store = createResilientStore(shared, createFakeClock(), {
      onError: () => undefined,
    }) as unknown as typeof shared
    const done = store.doom()
    fails.add('remove')
    await store.remove(['a'])
    done()
    expect(isDone).toBe(false)
  })

  it('leaves no timer when it is closed while it fails', async () => {
    const { store, fails, clock } = open()
    fails.add('all')
    await store.put([record('a')])
    await store.close?.()
    expect(clock.timers).toBe(0)
  })

  it('writes what only memory has at the end of the process', () => {
    const written: string[] = []
    const { disk } = fragileDisk()
    const synchronous = {
      ...disk,
      putSync: (records: readonly QueueRecord[]) => written.push(...records.map(({ key }) => key)),
    }
    const store = createResilientStore(synchronous, createFakeClock(), { onError: () => undefined })
    expect('putSync' in store).toBe(true)
    ;(store as unknown as typeof synchronous).putSync([record('a')])
    expect(written).toEqual(['a'])
  })

  it('leaves memory as it is', () => {
    const memory = createMemoryStore()
    expect(createResilientStore(memory, createFakeClock(), { onError: () => undefined })).toBe(memory)
  })
})

describe('a queue over a storage that fails', () => {
  it.each(['put', 'peek', 'remove', 'size', 'all'])('delivers everything once while %s does', async (call) => {
    const { store, fails, clock } = open()
    const bench = createBench({ store, clock })
    fails.add(call)
    for (let index = 0; index < 30; index++) bench.event()
    await bench.pass(2_000)
    fails.clear()
    await bench.pass(120_000, 1_000)
    for (let index = 0; index < 5; index++) bench.event()
    await bench.flush()
    expect(bench.transport.refs().flat()).toHaveLength(35)
    expect(bench.check()).toMatchObject({ tracked: 35, delivered: 35, pending: 0 })
  })

  it('takes on what an earlier process left as soon as it can be read', async () => {
    const drive = fragileDisk()
    const before = createBench({ store: drive.disk, script: () => network })
    before.event('old')
    await before.pass(1_000)
    const clock = createFakeClock()
    const bench = createBench({ store: createResilientStore(drive.disk, clock, { onError: () => undefined }), clock })
    drive.fails.add('all')
    bench.event('new')
    await bench.pass(2_000)
    expect(bench.check()).toMatchObject({ tracked: 1, delivered: 1 })
    drive.fails.clear()
    await bench.pass(60_000)
    bench.event('later')
    await bench.flush()
    expect(bench.check()).toMatchObject({ tracked: 3, delivered: 3, pending: 0 })
    expect(bench.transport.refs().flat().toSorted()).toEqual(['later', 'new', 'old'])
  })
})
