import type { Page } from '@playwright/test'
import { expect, expectConserved, statsOf, test, toldTo, trackDurably } from './support/bench'

const becomeVisible = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))

test('a storage that fails to open once is used from the next look on, and gets what memory held', async ({
  bench,
  context,
}) => {
  await context.addInitScript(() => {
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function (this: IDBFactory, ...args: [string, number?]) {
      // Once for all pages of the test.
      if (localStorage.getItem('hasFailed')) return open.apply(this, args)
      localStorage.setItem('hasFailed', 'yes')
      throw new DOMException('once', 'UnknownError')
    }
  })
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  const ids = [...(await trackDurably(page, 10))]
  expect((await statsOf(page)).storage).toBe('memory')
  await becomeVisible(page)
  await expect.poll(async () => (await statsOf(page)).storage).toBe('indexeddb')
  ids.push(...(await trackDurably(page, 10)))
  expect((await toldTo(page)).filter((line) => line.startsWith('storage'))).toHaveLength(1)
  expect(await statsOf(page)).toMatchObject({ tracked: 20, pending: 20 })
  await page.close()
  await bench.gate.up()
  const next = await bench.open(context, bench.relay)
  await bench.expectAll(ids)
  await expect.poll(() => statsOf(next)).toMatchObject({ delivered: 20, pending: 0 })
})

/** Keeps the page's connection within reach of the test. */
const withinReach = () => {
  const { open } = IDBFactory.prototype
  IDBFactory.prototype.open = function (this: IDBFactory, ...args: [string, number?]) {
    const request = open.apply(this, args)
    request.addEventListener('success', () => ((globalThis as unknown as { db: IDBDatabase }).db = request.result))
    return request
  }
}

const losses: Record<string, () => void> = {
  'is closed': () => (globalThis as unknown as { db: IDBDatabase }).db.close(),
  'is closed, and says so': () => {
    const { db } = globalThis as unknown as { db: IDBDatabase }
    db.close()
    db.dispatchEvent(new Event('close'))
  },
  'is asked to go by an upgrade in another tab': () => {
    const { db } = globalThis as unknown as { db: IDBDatabase }
    db.dispatchEvent(new Event('versionchange'))
  },
}

for (const [what, lose] of Object.entries(losses)) {
  test(`a connection that ${what} is opened anew, and nothing is lost or told`, async ({ bench, context }) => {
    await context.addInitScript(withinReach)
    await bench.gate.down()
    const page = await bench.open(context, bench.relay)
    const ids = [...(await trackDurably(page, 10))]
    const told = await toldTo(page)
    await page.evaluate(lose)
    ids.push(...(await trackDurably(page, 10)))
    expect((await statsOf(page)).storage).toBe('indexeddb')
    expect((await toldTo(page)).filter((line) => line.startsWith('storage'))).toEqual([])
    expect(told.filter((line) => line.startsWith('storage'))).toEqual([])
    await page.close()
    await bench.gate.up()
    await bench.open(context, bench.relay)
    await bench.expectAll(ids)
  })
}

test('a transaction that hangs is given up, and what it held goes on from memory', async ({ bench, context }) => {
  await context.addInitScript(withinReach)
  const page = await bench.open(context, bench.relay)
  const ids = [...(await trackDurably(page, 5))]
  await bench.expectAll(ids)
  await page.evaluate(() => {
    // As if the engine never came back: no event of this transaction is ever heard.
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof transaction>) {
      const begun = transaction.apply(this, args)
      for (const name of ['complete', 'error', 'abort', 'success'])
        begun.addEventListener(name, (event) => event.stopImmediatePropagation(), { capture: true })
      return begun
    }
  })
  ids.push(...(await trackDurably(page, 5)))
  expect((await statsOf(page)).storage).toBe('memory')
  await bench.expectAll(ids)
  expect((await toldTo(page)).filter((line) => line.startsWith('storage'))).toHaveLength(1)
})

test('a storage wiped by the user in an outage loses what only it held, and what is tracked next is safe', async ({
  bench,
  context,
}) => {
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  await trackDurably(page, 5, 'wiped')
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('raindrop-js')
        request.onsuccess = resolve
        request.onerror = request.onblocked = reject
      }),
  )
  const ids = await trackDurably(page, 5)
  await bench.gate.up()
  await expect.poll(() => ids.filter((id) => !bench.arrived().includes(id))).toEqual([])
  await expect.poll(() => statsOf(page)).toMatchObject({ delivered: 5, pending: 0, dropped: { disabled: 5 } })
  expectConserved(await statsOf(page))
  expect((await toldTo(page)).filter((line) => line.startsWith('storage'))).toHaveLength(1)
})
