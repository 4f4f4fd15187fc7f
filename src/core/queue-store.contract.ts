import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { QueueRecord, QueueStore } from './types.js'

/** A store under test, and how to find its records again after it was closed; `reopen` only where records outlive the store. */
export interface OpenedStore {
  store: QueueStore
  reopen?: () => Promise<QueueStore> | QueueStore
  /** Called after the test, whatever became of it. */
  dispose?: () => Promise<void> | void
}

const record = (key: string, json = JSON.stringify({ key })): QueueRecord => ({ key, json })
const keysOf = (records: readonly QueueRecord[]) => records.map(({ key }) => key)
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => record(`${prefix}${String(index).padStart(6, '0')}`))

/** What every QueueStore must do, run by each of them. */
export function describeQueueStore(name: string, open: () => Promise<OpenedStore> | OpenedStore): void {
  describe(`${name} as a queue store`, () => {
    const opened: OpenedStore[] = []

    const start = async () => {
      const fresh = await open()
      opened.push(fresh)
      return fresh
    }

    afterEach(async () => {
      for (const { store, dispose } of opened.splice(0)) {
        await store.close?.()
        await dispose?.()
      }
    })

    it('is empty at first', async () => {
      const { store } = await start()
      expect(await store.peek({ prefix: '', limit: 10 })).toEqual([])
      expect(await store.size('')).toEqual({ records: 0, bytes: 0 })
    })

    it('gives records back as they were put', async () => {
      const { store } = await start()
      await store.put([record('a/1', '{"x":1}'), record('a/2', '[1,"two",null]')])
      expect(await store.peek({ prefix: 'a/', limit: 10 })).toEqual([
        { key: 'a/1', json: '{"x":1}' },
        { key: 'a/2', json: '[1,"two",null]' },
      ])
    })

    it('orders by key, not by insertion', async () => {
      const { store } = await start()
      await store.put([record('a/3'), record('a/1')])
      await store.put([record('a/2'), record('a/0'), record('a/9')])
      await store.put([record('a/10')])
      expect(keysOf(await store.peek({ prefix: 'a/', limit: 10 }))).toEqual(['a/0', 'a/1', 'a/10', 'a/2', 'a/3', 'a/9'])
    })

    it('orders by UTF-16 code unit, upper case before lower case, whatever the locale', async () => {
      const { store } = await start()
      await store.put(['k/ä', 'k/a', 'k/B', 'k/_', 'k/😀', 'k/\uffee', 'k/-'].map((key) => record(key)))
      expect(keysOf(await store.peek({ prefix: 'k/', limit: 10 }))).toEqual([
        'k/-',
        'k/B',
        'k/_',
        'k/a',
        'k/ä',
        'k/😀',
        'k/\uffee',
      ])
    })

    it('keeps two namespaces apart', async () => {
      const { store } = await start()
      await store.put([record('one/1'), record('two/1'), record('one/2'), record('one'), record('oneself/1')])
      expect(keysOf(await store.peek({ prefix: 'one/', limit: 10 }))).toEqual(['one/1', 'one/2'])
      expect(keysOf(await store.peek({ prefix: 'two/', limit: 10 }))).toEqual(['two/1'])
      expect((await store.size('one/')).records).toBe(2)
      expect((await store.size('three/')).records).toBe(0)
    })

    it('pages by after and limit, without repeating or skipping', async () => {
      const { store } = await start()
      await store.put(numbered('a/', 25))
      const pages: string[][] = []
      let after: string | undefined
      for (;;) {
        const page = keysOf(await store.peek({ prefix: 'a/', after, limit: 10 }))
        if (page.length === 0) break
        pages.push(page)
        after = page.at(-1)
      }
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
      expect(pages.flat()).toEqual(keysOf(numbered('a/', 25)))
    })

    it('takes an after that lies before, between or behind the keys of the prefix', async () => {
      const { store } = await start()
      await store.put([record('b/1'), record('b/3'), record('c/1')])
      const after = async (key: string) => keysOf(await store.peek({ prefix: 'b/', after: key, limit: 10 }))
      expect(await after('a/9')).toEqual(['b/1', 'b/3'])
      expect(await after('b/2')).toEqual(['b/3'])
      expect(await after('b/3')).toEqual([])
      expect(await after('c/0')).toEqual([])
    })

    it('gives nothing for a limit of 0', async () => {
      const { store } = await start()
      await store.put([record('a/1')])
      expect(await store.peek({ prefix: 'a/', limit: 0 })).toEqual([])
    })

    it('does not remove by reading', async () => {
      const { store } = await start()
      await store.put([record('a/1')])
      await store.peek({ prefix: 'a/', limit: 10 })
      expect(keysOf(await store.peek({ prefix: 'a/', limit: 10 }))).toEqual(['a/1'])
    })

    it('replaces a record that is put again', async () => {
      const { store } = await start()
      await store.put([record('a/1', '"old"'), record('a/2')])
      await store.put([record('a/1', '"newer"')])
      expect(await store.peek({ prefix: 'a/', limit: 10 })).toEqual([record('a/1', '"newer"'), record('a/2')])
      await store.put([record('a/1', '"x"'), record('a/1', '"last of its batch"')])
      expect(await store.peek({ prefix: 'a/', limit: 1 })).toEqual([record('a/1', '"last of its batch"')])
      expect((await store.size('a/')).records).toBe(2)
      await store.remove(['a/1'])
      expect(keysOf(await store.peek({ prefix: 'a/', limit: 10 }))).toEqual(['a/2'])
    })

    it('removes what it is told to and ignores unknown keys', async () => {
      const { store } = await start()
      await store.put(numbered('a/', 6))
      await store.remove(['a/000001', 'a/000004', 'a/none', '__proto__'])
      await store.remove(['a/000001'])
      await store.remove([])
      expect(keysOf(await store.peek({ prefix: 'a/', limit: 10 }))).toEqual([
        'a/000000',
        'a/000002',
        'a/000003',
        'a/000005',
      ])
    })

    it('takes a removed key again', async () => {
      const { store } = await start()
      await store.put([record('a/1', '1'), record('a/2', '2')])
      await store.remove(['a/1'])
      await store.put([record('a/1', '3')])
      expect(await store.peek({ prefix: 'a/', limit: 10 })).toEqual([record('a/1', '3'), record('a/2', '2')])
    })

    it('counts records and bytes under a prefix', async () => {
      const { store } = await start()
      await store.put([record('a/1', '{"n":1}'), record('a/2', '[]'), record('b/1', '{"o":1}')])
      expect(await store.size('a/')).toEqual({ records: 2, bytes: 9 })
      expect(await store.size('')).toEqual({ records: 3, bytes: 16 })
      await store.remove(['a/1', 'b/1'])
      expect(await store.size('')).toEqual({ records: 1, bytes: 2 })
    })

    it('takes puts that overlap', async () => {
      const { store } = await start()
      const records = numbered('a/', 100)
      await Promise.all(records.map((each) => store.put([each])))
      expect(await store.peek({ prefix: 'a/', limit: 1_000 })).toEqual(records)
    })

    it('applies overlapping calls on one key in the order of the calls', async () => {
      const { store } = await start()
      await Promise.all([
        store.put([record('a/1', '1')]),
        store.remove(['a/1']),
        store.put([record('a/1', '2')]),
        store.put([record('a/2', '1')]),
        store.put([record('a/2', '2')]),
        store.remove(['a/2']),
      ])
      expect(await store.peek({ prefix: 'a/', limit: 10 })).toEqual([record('a/1', '2')])
    })

    it('takes puts and removes while it is being read', async () => {
      const { store } = await start()
      await store.put(numbered('a/', 50))
      const reading = store.peek({ prefix: 'a/', limit: 100 })
      await Promise.all([store.put([record('a/9')]), store.remove(['a/000000']), reading])
      for (const { key, json } of await reading) expect(json).toBe(JSON.stringify({ key }))
      expect(keysOf(await store.peek({ prefix: 'a/', limit: 1 }))).toEqual(['a/000001'])
      expect((await store.size('a/')).records).toBe(50)
    })

    it('keeps 5,000 records and gives them back in pages while they are acknowledged', async () => {
      const { store } = await start()
      const records = numbered('a/', 5_000)
      for (let at = 0; at < records.length; at += 500) await store.put(records.slice(at, at + 500))
      expect((await store.size('a/')).records).toBe(5_000)
      const seen: string[] = []
      for (;;) {
        const page = keysOf(await store.peek({ prefix: 'a/', limit: 100 }))
        if (page.length === 0) break
        seen.push(...page)
        await store.remove(page)
      }
      expect(seen).toEqual(keysOf(records))
      expect(await store.size('')).toEqual({ records: 0, bytes: 0 })
    }, 120_000)

    const oddRecords = [
      record('odd/\n\r\t"\\', JSON.stringify('line\nbreak')),
      record('odd/__proto__', '{"__proto__":{"polluted":true}}'),
      record('odd/constructor', '"\\ud800 half a pair, \\udc00 the other"'),
      record('odd/emoji 👩‍👩‍👧', JSON.stringify({ '👩‍👩‍👧': 'ünïcödé \u2028 \u2029 \u0000 \u007f' })),
      record('odd/pretty', JSON.stringify({ a: [1, { b: 2 }] }, null, 2)),
      record('odd/string', '"[\\"a\\",1]"'),
      record('odd/zero', '0'),
    ]

    it('keeps odd characters in keys and JSON', async () => {
      const { store } = await start()
      await store.put(oddRecords)
      expect(await store.peek({ prefix: 'odd/', limit: 20 })).toEqual(oddRecords)
      await store.remove(keysOf(oddRecords).slice(1))
      expect(await store.peek({ prefix: 'odd/', limit: 20 })).toEqual(oddRecords.slice(0, 1))
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    })

    it('keeps everything across close and reopen, where its records outlive it', async ({ skip }) => {
      const first = await start()
      if (first.reopen === undefined) return skip()
      const { store, reopen } = first
      await store.put([record('a/1', '"old"'), ...numbered('b/', 30), ...oddRecords])
      await store.put([record('a/1', '"new"'), record('a/2')])
      await store.remove(['a/2', ...keysOf(numbered('b/', 20))])
      await store.close?.()
      const again = await reopen()
      opened.push({ store: again })
      expect(await again.peek({ prefix: 'a/', limit: 10 })).toEqual([record('a/1', '"new"')])
      expect(await again.peek({ prefix: 'b/', limit: 99 })).toEqual(numbered('b/', 30).slice(20))
      expect(await again.peek({ prefix: 'odd/', limit: 20 })).toEqual(oddRecords)
    })

    it('behaves like a sorted map under any sequence of calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
          const fresh = await open()
          const model = new Map<string, string>()
          try {
            for (const each of calls) await each(fresh.store, model)
            expect(await fresh.store.peek({ prefix: '', limit: 1_000 })).toEqual(inModel(model, { prefix: '' }))
            await fresh.store.close?.()
            if (fresh.reopen === undefined) return
            fresh.store = await fresh.reopen()
            expect(await fresh.store.peek({ prefix: '', limit: 1_000 })).toEqual(inModel(model, { prefix: '' }))
          } finally {
            await fresh.store.close?.()
            await fresh.dispose?.()
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}

type Call = (store: QueueStore, model: Map<string, string>) => Promise<void>

const inModel = (model: Map<string, string>, range: { prefix: string; after?: string; limit?: number }) =>
  [...model]
    .filter(([key]) => key.startsWith(range.prefix) && (range.after === undefined || key > range.after))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, range.limit ?? model.size)
    .map(([key, json]) => ({ key, json }))

const prefix = fc.constantFrom('', 'a/', 'b/', 'a/1')
const key = fc
  .tuple(fc.constantFrom('a/', 'b/'), fc.constantFrom('1', '2', '11', '__proto__', '\n', 'é', '😀'))
  .map((parts) => parts.join(''))
const queueRecord = fc.record({ key, json: fc.json() })

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.array(queueRecord, { maxLength: 6 }).map<Call>((records) => async (store, model) => {
    await store.put(records)
    for (const each of records) model.set(each.key, each.json)
  }),
  fc.array(key, { maxLength: 6 }).map<Call>((keys) => async (store, model) => {
    await store.remove(keys)
    for (const each of keys) model.delete(each)
  }),
  fc
    .record({ prefix, after: fc.option(key, { nil: undefined }), limit: fc.nat(5) })
    .map<Call>((range) => async (store, model) => {
      expect(await store.peek(range)).toEqual(inModel(model, range))
    }),
  prefix.map<Call>((under) => async (store, model) => {
    expect((await store.size(under)).records).toBe(inModel(model, { prefix: under }).length)
  }),
)
