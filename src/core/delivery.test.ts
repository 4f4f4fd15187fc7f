import { describe, expect, it } from 'vitest'
import { createBench } from '../../test/support/delivery-bench.js'
import { createFakeClock } from '../../test/support/fake-clock.js'
import { accepted, answer, inOrder, network, type Script } from '../../test/support/scripted-transport.js'
import { createMemoryStore } from './memory-store.js'
import type { Siblings } from './ports.js'
import type { QueueStore } from './types.js'

const text = (chars: number) => ({ properties: { text: 'x'.repeat(chars) } })
const times = (bench: { transport: { sent: ReadonlyArray<{ at: number }> } }) =>
  bench.transport.sent.map(({ at }) => at)

describe('when to send', () => {
  it('sends the first record after the upload interval, with what came meanwhile', async () => {
    const bench = createBench({ uploadIntervalMs: 1_000 })
    bench.event('a')
    await bench.pass(600)
    bench.event('b')
    await bench.pass(399)
    expect(bench.transport.sent).toEqual([])
    await bench.pass(1)
    expect(bench.transport.refs()).toEqual([['a', 'b']])
    expect(bench.check()).toMatchObject({ tracked: 2, delivered: 2, pending: 0 })
  })

  it('begins the interval anew after each upload', async () => {
    const bench = createBench()
    bench.event('a')
    await bench.pass(1_500)
    bench.event('b')
    await bench.pass(999)
    expect(bench.transport.refs()).toEqual([['a']])
    await bench.pass(1)
    expect(times(bench)).toEqual([1_000, 2_500])
  })

  it('sends at once when uploadSize records wait', async () => {
    const bench = createBench({ uploadSize: 3 })
    bench.event('a')
    bench.event('b')
    await bench.pass(10)
    bench.event('c')
    await bench.pass(1)
    expect(bench.transport.refs()).toEqual([['a', 'b', 'c']])
    expect(times(bench)).toEqual([10])
  })

  it('sends at once when 48 KiB wait', async () => {
    const bench = createBench()
    bench.event('a', text(24_000), 24_000)
    await bench.pass(10)
    expect(bench.transport.sent).toEqual([])
    bench.event('b', text(26_000), 26_000)
    await bench.pass(1)
    expect(bench.transport.refs()).toEqual([['a', 'b']])
  })

  it('keeps uploads that are triggered by size apart, also for what is tracked while a batch is taken', async () => {
    const clock = createFakeClock()
    const kept = createMemoryStore()
    // As a disk does it: each look takes a moment.
    const store: QueueStore = {
      ...kept,
      peek: (range) => new Promise((resolve) => clock.after(5, () => resolve(kept.peek(range)))),
    }
    const siblings: Siblings = {
      lease: (work) => work(),
      tell: () => undefined,
      listen: () => () => undefined,
      orderMs: () => 0,
      order: () => undefined,
    }
    const bench = createBench({ clock, store, siblings, concurrency: 1, minUploadGapMs: 250, uploadSize: 3 })
    for (let index = 0; index < 300; index++) {
      bench.event()
      await clock.advance(4)
    }
    const gaps = times(bench).map((at, index, all) => at - (all[index - 1] ?? -Infinity))
    expect(gaps.length).toBeGreaterThanOrEqual(4)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(240)
  })

  it('ends an order of the receiver with the first answer after it, also where the clock was set back behind it', async () => {
    let leftMs = 0
    const siblings: Siblings = {
      lease: (work) => work(),
      tell: () => undefined,
      listen: () => () => undefined,
      orderMs: () => leftMs,
      // As a clock that is set back by ten days makes it look.
      order: (waitMs) => (leftMs = waitMs > 0 ? 864_000_000 : 0),
    }
    let next: Script = () => ({ status: 429, retryAfter: '1', text: '' })
    const bench = createBench({ siblings, concurrency: 1, script: (...request) => next(...request) })
    bench.event('a')
    await bench.pass(1_000)
    expect(leftMs).toBeGreaterThan(0)
    next = () => accepted
    await bench.pass(2_500, 100)
    expect(bench.check()).toMatchObject({ delivered: 1, pending: 0 })
    bench.event('b')
    await bench.pass(2_000, 100)
    expect(bench.check()).toMatchObject({ delivered: 2, pending: 0 })
  })

  it('sends a signal after 50 ms, and before the events', async () => {
    const bench = createBench()
    bench.event('a')
    bench.signal('up')
    await bench.pass(49)
    expect(bench.transport.sent).toEqual([])
    await bench.pass(1)
    expect(bench.transport.refs()).toEqual([['up'], ['a']])
  })

  it('sends a backlog in batches of 100, two at a time', async () => {
    const bench = createBench({
      script: () => new Promise((resolve) => bench.clock.after(100, () => resolve(accepted))),
    })
    for (let index = 0; index < 450; index++) bench.event()
    await bench.pass(1_000, 10)
    expect(bench.transport.sent.map(({ refs }) => refs.length)).toEqual([100, 100, 100, 100, 50])
    expect(bench.transport.mostOpen).toBe(2)
    expect(bench.check()).toMatchObject({ delivered: 450, pending: 0 })
  })

  it('keeps a request within a megabyte of UTF-8, and sends a larger record alone', async () => {
    const bench = createBench({ maxEventBytes: 2_000_000 })
    for (const id of ['a', 'b', 'c']) bench.event(id, { properties: { text: 'ü'.repeat(250_000) } }, 250_000)
    bench.event('large', { properties: { text: 'ü'.repeat(600_000) } }, 600_000)
    bench.event('d')
    await bench.flush()
    expect(bench.transport.refs()).toEqual([['a', 'b'], ['c'], ['large'], ['d']])
    for (const { bytes, refs } of bench.transport.sent)
      if (refs[0] !== 'large') expect(bytes).toBeLessThanOrEqual(1_048_576)
  })

  it('sends what waited behind a partial of the same event as soon as that is answered', async () => {
    const bench = createBench({
      script: (_sent, index) =>
        index > 0 ? accepted : new Promise((resolve) => bench.clock.after(5_000, () => resolve(accepted))),
    })
    bench.partial('i')
    await bench.pass(1_500)
    bench.partial('i', { is_pending: false })
    await bench.pass(4_000)
    expect(bench.transport.sent).toHaveLength(1)
    await bench.pass(600)
    expect(bench.transport.sent.map(({ bodies }) => bodies[0].is_pending)).toEqual([true, false])
    expect(bench.check()).toMatchObject({ tracked: 2, delivered: 2 })
  })

  it('never has two requests with the same event id under way', async () => {
    const bench = createBench({
      script: () => new Promise((resolve) => bench.clock.after(100, () => resolve(accepted))),
    })
    for (let round = 0; round < 3; round++) {
      bench.event('same')
      bench.partial('same')
      await bench.pass(1_050, 50)
    }
    await bench.flush()
    const open: Array<{ at: number; ref: string }> = []
    for (const { at, refs } of bench.transport.sent) {
      for (const ref of new Set(refs)) {
        expect(open.some((other) => other.ref === ref && at - other.at < 100)).toBe(false)
        open.push({ at, ref })
      }
    }
    expect(bench.check().pending).toBe(0)
  })

  it('sends what comes after a record that left early, with a retry', async () => {
    const bench = createBench({ script: inOrder(network, network) })
    bench.event('a')
    await bench.pass(2_000)
    bench.event('b')
    await bench.pass(700)
    expect(bench.check().delivered).toBe(2)
    bench.event('c')
    await bench.pass(1_100)
    expect(bench.check()).toMatchObject({ delivered: 3, pending: 0 })
  })

  it('needs no timer when nothing waits', async () => {
    const bench = createBench()
    bench.event()
    await bench.pass(2_000)
    expect(bench.clock.timers).toBe(0)
  })
})

describe('when the ingest cannot be reached', () => {
  it('tries at 0, 0.5 and 1 s, then after 1 s · 2ⁿ up to five minutes, one request at a time', async () => {
    const bench = createBench({ uploadIntervalMs: 0, script: () => answer(503) })
    for (let index = 0; index < 300; index++) bench.event()
    await bench.pass(1_000_000, 1_000)
    const at = times(bench)
    const waits = at.slice(1).map((time, index) => (time - at[index]!) / 1_000)
    expect(waits.slice(0, 11)).toEqual([0.5, 1, 1, 2, 4, 8, 16, 32, 64, 128, 256])
    expect(waits.slice(11).every((wait) => wait === 300)).toBe(true)
    expect(bench.errors).toHaveLength(1)
    expect(bench.check()).toMatchObject({ tracked: 300, pending: 300, delivered: 0 })
  })

  it('counts what was under way together as one failure', async () => {
    const bench = createBench({
      uploadIntervalMs: 0,
      script: () => new Promise((resolve) => bench.clock.after(100, () => resolve(answer(503)))),
    })
    for (let index = 0; index < 300; index++) bench.event()
    await bench.pass(2_500, 100)
    expect(times(bench)).toEqual([0, 0, 600, 1_700])
  })

  it('pauses after the last of them, so that a process can end in between', async () => {
    const bench = createBench({ uploadIntervalMs: 0, requestTimeoutMs: 1_000, script: () => 'hang' })
    for (let index = 0; index < 100; index++) bench.event()
    await bench.pass(800)
    for (let index = 0; index < 100; index++) bench.event()
    await bench.pass(1_400, 100)
    // They end at 1 s and 1.8 s: one of the first two waits is over by then, the pause is not.
    expect(times(bench)).toEqual([0, 800])
    await bench.pass(200)
    expect(times(bench)).toEqual([0, 800, 2_300])
  })

  it.each([
    ['a reset', network],
    ['500', answer(500)],
    ['408', answer(408)],
    ['a captive portal', answer(200, '<html>Sign in</html>')],
    ['an answer that was cut', answer(200, '{"events":[{"ev')],
  ])('keeps the batch after %s and sends the same again', async (_name, failure) => {
    const bench = createBench({ script: inOrder(failure, failure) })
    bench.event('a')
    bench.event('b')
    await bench.pass(1_000)
    await bench.pass(1_500)
    expect(bench.transport.refs()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(times(bench)).toEqual([1_000, 1_500, 2_500])
    expect(bench.check()).toMatchObject({ delivered: 2, pending: 0 })
  })

  it('gives up on a request that hangs, and tries again', async () => {
    const bench = createBench({ requestTimeoutMs: 3_000, script: inOrder('hang') })
    bench.event('a')
    await bench.pass(4_400)
    expect(bench.transport.sent).toHaveLength(1)
    await bench.pass(200)
    expect(times(bench)).toEqual([1_000, 4_500])
    expect(bench.errors).toMatchObject([{ code: 'timeout' }])
    expect(bench.check().delivered).toBe(1)
  })

  it('tells of an outage once, whatever faces it shows, and of the next one again', async () => {
    const bench = createBench({
      requestTimeoutMs: 1_000,
      script: inOrder(network, answer(503), 'hang', answer(502), accepted, network),
    })
    bench.event()
    await bench.pass(20_000)
    expect(bench.check().delivered).toBe(1)
    expect(bench.errors).toHaveLength(1)
    bench.event()
    await bench.pass(20_000)
    expect(bench.errors).toHaveLength(2)
    expect(bench.check().delivered).toBe(2)
  })

  it('goes on two at a time after the outage', async () => {
    const bench = createBench({ script: inOrder(network, network) })
    for (let index = 0; index < 400; index++) bench.event()
    await bench.pass(60_000)
    expect(bench.check().delivered).toBe(400)
    const sizes = bench.transport.sent.map(({ refs }) => refs.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(600)
  })

  it('does not send a batch that was read from the store while another one failed', async () => {
    let reads = 0
    const bench = createBench({
      clock: createFakeClock(),
      uploadIntervalMs: 0,
      script: (_sent, index) =>
        index === 0 ? new Promise((resolve) => bench.clock.after(100, () => resolve(network))) : accepted,
      // The second batch is still being read when the first one fails.
      store: slowStore(() =>
        reads++ === 3 ? new Promise((resolve) => bench.clock.after(150, resolve)) : Promise.resolve(),
      ),
    })
    for (let index = 0; index < 200; index++) bench.event()
    await bench.pass(500, 10)
    expect(reads).toBeGreaterThan(3)
    expect(bench.transport.sent).toHaveLength(1)
    await bench.pass(5_000)
    expect(bench.check().delivered).toBe(200)
  })

  it('survives a clock that is set while it waits', async () => {
    const day = 86_400_000
    const bench = createBench({ script: inOrder(network, network, network, network) })
    bench.event('a')
    await bench.pass(1_000)
    bench.clock.setNow(bench.clock.now() + 10 * day)
    bench.event('b')
    await bench.pass(1_000)
    bench.clock.setNow(bench.clock.now() - 20 * day)
    bench.event('c')
    await bench.pass(10_000)
    expect(bench.check()).toMatchObject({ tracked: 3, delivered: 3 })
    expect(bench.transport.refs().at(-1)).toEqual(['a', 'b', 'c'])
  })
})

describe('Retry-After', () => {
  it.each([
    ['3', 3_000],
    ['0', 1_000],
    ['Fri, 20 Nov 2026 12:00:31 GMT', 30_000],
    ['Fri, 20 Nov 2020 12:00:00 GMT', 1_000],
    ['86400', 3_600_000],
  ])('of %j is obeyed, also by flush()', async (header, waitMs) => {
    const bench = createBench({ script: inOrder(answer(429, '', header)) })
    bench.event('a')
    await bench.pass(1_000)
    const report = await bench.flush(waitMs / 2)
    // Nothing can be tried before the deadline: it does not wait for it.
    expect(report).toEqual({ delivered: 0, pending: 1, dropped: 0, tookMs: 0 })
    bench.signal('urgent')
    await bench.pass(waitMs - 1, waitMs / 4)
    expect(bench.transport.sent).toHaveLength(1)
    await bench.pass(1)
    expect(bench.transport.refs().slice(1)).toEqual([['urgent'], ['a']])
    expect(bench.check().pending).toBe(0)
  })

  it('a flush that has the time waits for it', async () => {
    const bench = createBench({ script: inOrder(answer(503, '', '4')) })
    bench.event('a')
    await bench.pass(1_000)
    expect(await bench.flush(10_000)).toEqual({ delivered: 1, pending: 0, dropped: 0, tookMs: 4_000 })
  })

  it('a 429 without a usable one waits 5 s at least', async () => {
    const bench = createBench({ script: inOrder(answer(429, '', 'soon'), answer(429)) })
    bench.event('a')
    await bench.pass(1_000)
    await bench.pass(20_000)
    expect(times(bench)).toEqual([1_000, 6_000, 11_000])
  })

  it('stays in force when a request that left before it is accepted', async () => {
    const bench = createBench({
      uploadIntervalMs: 0,
      script: (_sent, index) =>
        index > 1
          ? accepted
          : new Promise((resolve) =>
              bench.clock.after(index === 0 ? 100 : 1_000, () =>
                resolve(index === 0 ? answer(429, '', '60') : accepted),
              ),
            ),
    })
    for (let index = 0; index < 350; index++) bench.event()
    await bench.pass(59_000, 1_000)
    expect(bench.transport.sent).toHaveLength(2)
    expect(bench.check().delivered).toBe(100)
    await bench.pass(2_000, 100)
    expect(bench.check().delivered).toBe(350)
  })
})

describe('a batch that is too large', () => {
  it('is halved until it passes, and grows again later', async () => {
    const bench = createBench({
      script: ({ refs }) => (bench.transport.sent.length < 8 && refs.length > 13 ? answer(413) : accepted),
    })
    for (let index = 0; index < 100; index++) bench.event()
    await bench.flush()
    expect(bench.check()).toMatchObject({ delivered: 100, pending: 0 })
    expect(bench.transport.sent.map(({ refs }) => refs.length).slice(0, 5)).toEqual([100, 50, 25, 13, 13])
    for (let index = 0; index < 1_000; index++) bench.event()
    await bench.flush()
    expect(bench.transport.sent.at(-2)!.refs.length).toBe(100)
    expect(bench.check()).toMatchObject({ tracked: 1_100, delivered: 1_100 })
  })

  it('is not met with a search for each, where every record is refused', async () => {
    const bench = createBench({ concurrency: 1, script: () => answer(400) })
    for (let index = 0; index < 100; index++) bench.event()
    await bench.flush()
    expect(bench.check()).toMatchObject({ pending: 0, dropped: { rejected: 100 } })
    // 199 is what halving all the way costs.
    expect(bench.transport.sent.length).toBeLessThan(199)
  })

  it('makes the next ones smaller', async () => {
    const bench = createBench({ concurrency: 1, script: ({ refs }) => (refs.length > 60 ? answer(413) : accepted) })
    for (let index = 0; index < 250; index++) bench.event()
    await bench.flush()
    expect(bench.transport.sent.map(({ refs }) => refs.length)).toEqual([100, 50, 50, 50, 50, 50])
  })

  it('costs only the one record that is too large alone', async () => {
    const bench = createBench({ script: ({ refs }) => (refs.includes('large') ? answer(413) : accepted) })
    for (let index = 0; index < 30; index++) bench.event(index === 17 ? 'large' : `e${index}`)
    const report = await bench.flush()
    expect(report).toMatchObject({ delivered: 29, dropped: 1, pending: 0 })
    expect(bench.check().dropped.too_large).toBe(1)
    expect(bench.errors).toMatchObject([{ code: 'too_large' }])
    expect(bench.reports.filter(({ outcome }) => outcome === 'dropped')).toMatchObject([
      { ids: ['large'], status: 413 },
    ])
  })

  it('keeps the other half when the ingest goes away meanwhile', async () => {
    const bench = createBench({ script: inOrder(answer(413), network) })
    for (let index = 0; index < 10; index++) bench.event()
    await bench.pass(30_000)
    expect(bench.check()).toMatchObject({ delivered: 10, pending: 0 })
  })
})

describe('a batch with poison in it', () => {
  it('costs only the poison, at every position, with at most 7 requests more', async () => {
    for (let position = 0; position < 100; position++) {
      const bench = createBench({
        uploadIntervalMs: 0,
        concurrency: 1,
        script: ({ refs }) => (refs.includes('poison') ? answer(400) : accepted),
      })
      for (let index = 0; index < 100; index++) bench.event(index === position ? 'poison' : `e${index}`)
      await bench.flush()
      expect(bench.check()).toMatchObject({ delivered: 99, pending: 0, dropped: { rejected: 1 } })
      const searching = bench.transport.sent.findLastIndex(({ refs }) => refs.includes('poison'))
      expect(bench.errors).toHaveLength(1)
      // Beyond the first request and the search come those of records that were put back: at most one, since they travel together.
      expect(searching).toBeLessThanOrEqual(7)
      expect(bench.transport.sent.length - 1, `at ${position}`).toBeLessThanOrEqual(8)
    }
  })

  it('costs only the poison when there is more of it', async () => {
    const bench = createBench({
      script: ({ refs }) => (refs.some((ref) => ref.startsWith('poison')) ? answer(422) : accepted),
    })
    for (let index = 0; index < 60; index++) bench.event(index % 20 === 7 ? `poison${index}` : `e${index}`)
    expect(await bench.flush()).toMatchObject({ delivered: 57, dropped: 3, pending: 0 })
    expect(
      bench.reports
        .filter(({ outcome }) => outcome === 'dropped')
        .flatMap(({ ids }) => ids)
        .toSorted(),
    ).toEqual(['poison27', 'poison47', 'poison7'])
  })

  it('is looked for again after an outage in the middle of the search', async () => {
    const bench = createBench({
      script: ({ refs }, index) => (index === 1 ? network : refs.includes('poison') ? answer(400) : accepted),
    })
    for (let index = 0; index < 10; index++) bench.event(index === 3 ? 'poison' : `e${index}`)
    await bench.pass(30_000)
    expect(bench.check()).toMatchObject({ delivered: 9, pending: 0, dropped: { rejected: 1 } })
  })
})

describe('a hold', () => {
  const minute = 60_000

  it('keeps everything, tries one record at 1, 5, 30 minutes and hourly, and tells once', async () => {
    const bench = createBench({ uploadIntervalMs: 0, script: () => answer(401) })
    for (let index = 0; index < 50; index++) bench.event()
    await bench.pass(4 * 60 * minute, minute / 2)
    const waits = times(bench)
      .slice(1)
      .map((time, index) => Math.round((time - times(bench)[index]!) / minute))
    expect(waits.slice(0, 5)).toEqual([1, 5, 30, 60, 60])
    expect(bench.transport.sent.slice(1).every(({ refs }) => refs.length === 1)).toBe(true)
    expect(bench.errors).toMatchObject([{ code: 'unauthorised' }])
    expect(bench.check()).toMatchObject({ tracked: 50, pending: 50 })
    expect(bench.reports[0]).toMatchObject({ outcome: 'held', status: 401, nextAttemptInMs: minute })
  })

  it('ends at once when one is accepted', async () => {
    const bench = createBench({ uploadIntervalMs: 0, script: inOrder(answer(401)) })
    for (let index = 0; index < 250; index++) bench.event()
    await bench.pass(minute - 1)
    expect(bench.check().delivered).toBe(0)
    await bench.pass(10)
    expect(bench.check()).toMatchObject({ delivered: 250, pending: 0 })
    expect(bench.transport.sent.slice(1).map(({ refs }) => refs.length)).toEqual([1, 100, 100, 49])
  })

  it('of a path that is refused for a reason of its own is not lifted again and again by the others', async () => {
    const bench = createBench({
      uploadIntervalMs: 0,
      script: ({ path }) => (path.includes('signals') ? answer(403) : accepted),
    })
    bench.signal('s1')
    for (let second = 0; second < 50; second++) {
      bench.event()
      await bench.pass(1_000)
    }
    const tried = () => bench.transport.sent.filter(({ path }) => path.includes('signals')).length
    // Once more when another path was accepted: it might have been the key.
    expect(tried()).toBe(2)
    expect(bench.errors).toHaveLength(2)
    await bench.pass(minute, 1_000)
    expect(tried()).toBe(3)
    expect(bench.check()).toMatchObject({ delivered: 50, pending: 1 })
  })

  it('two requests that were under way together count as one failed try', async () => {
    const bench = createBench({
      uploadIntervalMs: 0,
      script: () => new Promise((resolve) => bench.clock.after(10, () => resolve(answer(403)))),
    })
    for (let index = 0; index < 250; index++) bench.event()
    await bench.pass(2 * minute, minute / 4)
    expect(times(bench)).toEqual([0, 0, minute + 10])
  })

  it('lets flush() try one record, and everything once that is accepted', async () => {
    const bench = createBench({ script: inOrder(answer(401), answer(401)) })
    for (let index = 0; index < 5; index++) bench.event()
    await bench.pass(1_000)
    expect(await bench.flush()).toEqual({ delivered: 0, pending: 5, dropped: 0, tookMs: 0 })
    expect(await bench.flush()).toEqual({ delivered: 5, pending: 0, dropped: 0, tookMs: 0 })
    expect(bench.transport.sent.map(({ refs }) => refs.length)).toEqual([5, 1, 1, 4])
  })

  it('of one path does not stop the others', async () => {
    const bench = createBench({ script: ({ path }) => (path.endsWith('/traces') ? answer(404) : accepted) })
    bench.spans('t1')
    bench.event('a')
    await bench.pass(2_000)
    bench.event('b')
    bench.identify('u')
    bench.signal('s')
    await bench.pass(2_000)
    expect(bench.check()).toMatchObject({ delivered: 4, pending: 1 })
    expect(bench.errors).toHaveLength(1)
    await bench.pass(10 * minute, minute)
    expect(bench.transport.sent.filter(({ path }) => path.endsWith('/traces'))).toHaveLength(3)
  })

  it('after an outage costs no loop', async () => {
    const bench = createBench({
      uploadIntervalMs: 0,
      script: inOrder(answer(503), ...Array.from({ length: 100 }, () => answer(401))),
    })
    bench.event()
    await bench.pass(2 * minute, minute)
    expect(times(bench)).toEqual([0, 500, minute + 500])
    expect(bench.check().pending).toBe(1)
  })

  it('does not read the whole store with every record that is tracked', async () => {
    let peeks = 0
    const bench = createBench({ script: () => answer(401), store: slowStore(async () => void peeks++) })
    for (let index = 0; index < 1_000; index++) bench.event()
    await bench.pass(2_000)
    peeks = 0
    for (let index = 0; index < 200; index++) {
      bench.event()
      await bench.pass(1)
    }
    expect(peeks).toBeLessThan(20)
  })

  it('a redirect is not followed but held', async () => {
    const bench = createBench({ script: inOrder(answer(302)) })
    bench.event('a')
    await bench.pass(1_000)
    expect(bench.check()).toMatchObject({ pending: 1 })
    expect(bench.reports[0]).toMatchObject({ outcome: 'held', status: 302 })
  })
})

describe('the relay', () => {
  const relay = '/api/raindrop'
  const lists = (accepted: readonly string[], rejected: readonly unknown[], more: object = {}) =>
    answer(200, JSON.stringify({ accepted, rejected, ...more }))

  it('takes every kind in one request, and answers each', async () => {
    const bench = createBench({ relay, script: ({ ids }) => lists(ids, []) })
    bench.event('a')
    bench.signal('s')
    bench.partial('i')
    bench.identify('u')
    await bench.flush()
    expect(bench.transport.refs()).toEqual([['s', 'a', 'i', 'u']])
    expect(bench.check()).toMatchObject({ delivered: 4, pending: 0 })
  })

  it('keeps what is in neither list, drops what is rejected, and sends the same ids again', async () => {
    const bench = createBench({
      relay,
      script: ({ ids }, index) =>
        index === 0 ? lists([ids[0]!], [{ id: ids[1], reason: 'wrong_user' }]) : lists(ids, []),
    })
    for (const id of ['a', 'b', 'c', 'd']) bench.event(id)
    await bench.pass(1_000)
    expect(bench.check()).toMatchObject({ delivered: 1, pending: 2, dropped: { rejected: 1 } })
    expect(bench.errors[0]?.message).toContain('wrong_user')
    await bench.pass(600)
    expect(bench.transport.refs()[1]).toEqual(['c', 'd'])
    expect(bench.transport.sent[1]!.ids).toEqual(bench.transport.sent[0]!.ids.slice(2))
    expect(bench.check()).toMatchObject({ delivered: 3, pending: 0 })
  })

  it('waits as long as the relay asks, an hour at most', async () => {
    for (const [seconds, waitMs] of [
      [5, 5_000],
      [0, 1_000],
      [1e9, 3_600_000],
    ] as const) {
      const bench = createBench({
        relay,
        script: ({ ids }, index) => (index === 0 ? lists([], [], { retryAfterSeconds: seconds }) : lists(ids, [])),
      })
      bench.event('a')
      await bench.pass(1_000)
      expect((await bench.flush(waitMs - 10)).pending).toBe(1)
      await bench.pass(waitMs + 1, waitMs / 2)
      expect(times(bench).slice(0, 2)).toEqual([1_000, 1_000 + waitMs])
      expect(bench.check().pending).toBe(0)
    }
  })

  it.each([
    '{}',
    'null',
    '[]',
    '{"accepted":[]}',
    '{"accepted":{},"rejected":[]}',
    '{"events":[]}',
    '{"accepted":[null],"rejected":[null,1,{"id":7}]}',
    '',
  ])('keeps everything when it answers %s', async (text) => {
    const bench = createBench({ relay, script: ({ ids }, index) => (index === 0 ? answer(200, text) : lists(ids, [])) })
    bench.event('a')
    await bench.pass(1_000)
    expect(bench.check()).toMatchObject({ pending: 1 })
    await bench.pass(5_000)
    expect(bench.check()).toMatchObject({ delivered: 1, pending: 0 })
  })

  it('keeps an envelope within 256 KiB', async () => {
    const bench = createBench({ relay, script: ({ ids }) => lists(ids, []) })
    for (let index = 0; index < 20; index++)
      bench.event(`e${index}`, { properties: { text: '語'.repeat(10_000) } }, 10_000)
    await bench.flush()
    expect(Math.max(...bench.transport.sent.map(({ bytes }) => bytes))).toBeLessThanOrEqual(262_144)
    expect(bench.check().delivered).toBe(20)
  })
})

/** A memory store whose reads wait for somebody. */
function slowStore(beforePeek: () => Promise<void>): QueueStore {
  const records = new Map<string, string>()
  return {
    kind: 'memory',
    put: async (added) => added.forEach(({ key, json }) => records.set(key, json)),
    async peek({ prefix, after = '', limit }) {
      await beforePeek()
      const keys = [...records.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
      return keys.slice(0, limit).map((key) => ({ key, json: records.get(key)! }))
    },
    remove: async (keys) => keys.forEach((key) => records.delete(key)),
    size: async () => ({ records: records.size, bytes: 0 }),
  }
}
