import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createClientBench, type ClientBench, type Fate } from '../../test/support/client-bench.js'
import { accepted, answer, network } from '../../test/support/scripted-transport.js'
import { createMemoryStore } from '../core/memory-store.js'
import type { Interaction, QueueStore } from '../core/types.js'
import { fileQueue } from './file-queue.js'

const workshop = mkdtempSync(join(tmpdir(), 'raindrop-property-'))
afterAll(() => rmSync(workshop, { recursive: true, force: true }))
let runs = 0

const stores: ReadonlyArray<readonly [string, () => QueueStore]> = [
  ['memory', createMemoryStore],
  ['fileQueue', () => fileQueue(join(workshop, String(++runs)))],
]

const fates: Readonly<Record<string, Fate>> = {
  ok: accepted,
  unavailable: answer(503),
  reset: network,
  lost: 'lost',
  garbage: answer(200, '<html>'),
  slowDown: answer(429, '', '2'),
  unauthorised: answer(401),
  tooLarge: answer(413),
  hang: 'hang',
}

interface Talk {
  readonly handle: Interaction
  readonly values: Record<string, number>
  output: string
}

interface World extends ClientBench {
  readonly tracked: string[]
  readonly interactions: Map<number, Talk>
  flushes: Promise<{ delivered: number; pending: number; dropped: number }>[]
}

type Step = (world: World) => Promise<void> | void

const slot = fc.nat({ max: 2 })
const steps: Array<fc.Arbitrary<Step>> = [
  fc.constant(
    (world: World) => void world.tracked.push(world.raindrop.trackAi({ event: 'e', userId: 'u', input: 'x' })),
  ),
  fc.constant(
    (world: World) => void world.tracked.push(world.raindrop.trackSignal({ eventId: 'x', name: 'thumbs_up' })),
  ),
  fc.constant((world: World) => world.raindrop.identify({ userId: 'identified' })),
  slot.map((at) => (world: World) => begin(world, at)),
  fc.tuple(slot, fc.constantFrom('a', 'b', 'c'), fc.nat(99)).map(([at, key, value]) => (world: World) => {
    const one = begin(world, at)
    one.handle.setProperty(key, value)
    one.values[key] = value
  }),
  slot.map((at) => (world: World) => {
    const one = begin(world, at)
    one.handle.appendOutput('.')
    one.output += '.'
  }),
  slot.map((at) => (world: World) => {
    const one = world.interactions.get(at)
    one?.handle.finish()
    if (one) close(world, at)
  }),
  fc.nat(3_000).map((timeoutMs) => (world: World) => void world.flushes.push(world.raindrop.flush({ timeoutMs }))),
  fc.constantFrom(...Object.keys(fates)).map((name) => (world: World) => void world.fates.push(fates[name]!)),
  fc.constantFrom(5, 30, 600, 1_100, 12_000).map((ms) => (world: World) => world.clock.advance(ms)),
  fc.constant((world: World) => void world.raindrop.persist()),
  fc.constantFrom(10, -10).map((days) => (world: World) => world.clock.setNow(world.clock.now() + days * 86_400_000)),
]

const ended = new WeakMap<World, Talk[]>()

function begin(world: World, at: number): Talk {
  const known = world.interactions.get(at)
  if (known) return known
  const handle = world.raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
  const one: Talk = { handle, values: {}, output: '' }
  world.interactions.set(at, one)
  return one
}

function close(world: World, at: number): void {
  ended.set(world, [...(ended.get(world) ?? []), world.interactions.get(at)!])
  world.interactions.delete(at)
}

async function conclude(world: World): Promise<void> {
  world.fates.length = 0
  for (const [at, { handle }] of world.interactions) {
    handle.finish()
    close(world, at)
  }
  // Beyond every gate and hold that the fates could bring.
  let report
  for (let round = 0; round < 5; round++) {
    const flushed = world.raindrop.flush()
    await world.clock.advance(11_000)
    report = await flushed
    world.check()
    if (world.raindrop.stats().pending === 0) break
  }
  expect(report).toMatchObject({ pending: 0 })
  for (const flush of world.flushes) expect(Object.values(await flush).every((count) => count >= 0)).toBe(true)
}

function judge(world: World): void {
  expect(world.broken).toEqual([])
  const { tracked, delivered, pending, dropped } = world.raindrop.stats()
  expect({ pending, delivered: delivered + dropped.too_large }).toEqual({ pending: 0, delivered: tracked })
  if (dropped.too_large > 0) return
  for (const id of world.tracked) expect(world.taken.get(id), id).toBeGreaterThanOrEqual(1)
  for (const { handle, values, output } of ended.get(world) ?? []) {
    const event = world.events.get(handle.id)
    expect(event?.pending).toBe(false)
    expect(event?.body).toMatchObject({ user_id: 'u', event: 'chat', ai_data: { input: 'Hi' }, properties: values })
    expect(event?.body['ai_data']['output'] ?? '').toBe(output)
  }
}

function open(store: QueueStore): World {
  return { ...createClientBench(store, { requestTimeoutMs: 2_000 }), tracked: [], interactions: new Map(), flushes: [] }
}

describe.each(stores)('with %s', (name, store) => {
  it('any interleaving of calls, faults and time keeps the promise', { timeout: 120_000 }, async () => {
    const program = fc.array(fc.oneof(...steps), { maxLength: 40, size: 'max' })
    await fc.assert(
      fc.asyncProperty(program, async (program) => {
        const world = open(store())
        for (const step of program) {
          await step(world)
          world.check()
        }
        await conclude(world)
        judge(world)
        await world.raindrop.shutdown({ timeoutMs: 0 })
      }),
      { numRuns: name === 'memory' ? 1_000 : 200 },
    )
  })

  it(
    'a 503 on the first partial and then finish() is one finished event, whatever comes between',
    { timeout: 120_000 },
    async () => {
      const moment = fc.constantFrom<readonly number[]>(
        [],
        [0],
        [1],
        [990],
        [1_000],
        [1_010],
        [1_025],
        [1_400],
        [1_530],
        [2_000],
        [5_000],
      )
      const between = fc.constantFrom('update', 'flush', 'persist', 'signal', 'nothing')
      const then = fc.array(fc.constantFrom('ok', 'unavailable', 'lost', 'reset'), { maxLength: 3 })
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(moment, between), { maxLength: 3 }),
          moment,
          then,
          async (middle, last, rest) => {
            const world = open(store())
            world.fates.push(answer(503), ...rest.map((fate) => fates[fate]!))
            const { handle, values } = begin(world, 0)
            for (const [[ms], what] of middle) {
              if (ms !== undefined) await world.clock.advance(ms)
              if (what === 'update') handle.setProperty('a', (values['a'] = (values['a'] ?? 0) + 1))
              if (what === 'flush') world.flushes.push(world.raindrop.flush({ timeoutMs: 300 }))
              if (what === 'persist') void world.raindrop.persist()
              if (what === 'signal') handle.trackSignal({ name: 'thumbs_up' })
              world.check()
            }
            if (last[0] !== undefined) await world.clock.advance(last[0])
            handle.finish('done')
            world.interactions.get(0)!.output = 'done'
            close(world, 0)
            world.check()
            for (let round = 0; round < 3; round++) {
              await world.clock.advance(4_000)
              world.check()
            }
            judge(world)
            const bodies = world.transport.sent
              .filter(({ path }) => path.endsWith('partial'))
              .map(({ bodies }) => bodies[0])
            expect(bodies.at(-1).is_pending).toBe(false)
            await world.raindrop.shutdown({ timeoutMs: 0 })
          },
        ),
        { numRuns: 1_000 },
      )
    },
  )
})
