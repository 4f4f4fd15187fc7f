import { appendFileSync } from 'node:fs'
import { expect, test as base } from '@playwright/test'
import { startIngestServer } from 'raindrop-js/testing'
import { createGate } from '../support/gate'
import { findEngines, withProfile, type Engine } from './engines'
import { createSoakSite } from './soak-site'

const rounds = Number(process.env.RAINDROP_SOAK ?? 100)
const EVENTS_A_ROUND = 10
const PATIENCE_MS = 60_000

interface Case {
  readonly name: string
  readonly way: 'kill' | 'flush' | 'burst' | 'reload' | 'leave' | 'close'
  /** While it tracks nobody answers: only what is on disk is left. */
  readonly isDown: boolean
  readonly killAfterMs?: number
}

const cases: readonly Case[] = [
  { name: 'killed 0 ms after persist(), server down', way: 'kill', isDown: true, killAfterMs: 0 },
  { name: 'killed 5 ms after persist(), server down', way: 'kill', isDown: true, killAfterMs: 5 },
  { name: 'killed 50 ms after persist(), server down', way: 'kill', isDown: true, killAfterMs: 50 },
  { name: 'killed during a flush', way: 'flush', isDown: false },
  { name: 'reload right after a burst', way: 'burst', isDown: false },
  { name: 'reload, an event tracked in pagehide', way: 'reload', isDown: false },
  { name: 'other site, an event tracked in pagehide', way: 'leave', isDown: false },
  { name: 'tab closed, an event tracked in pagehide', way: 'close', isDown: false },
  { name: 'the same with the server down: reload', way: 'reload', isDown: true },
  { name: 'the same with the server down: other site', way: 'leave', isDown: true },
  { name: 'the same with the server down: tab closed', way: 'close', isDown: true },
]

async function soak(engine: Engine, { way, isDown, killAfterMs = 0 }: Case) {
  const ingest = await startIngestServer()
  const gate = await createGate(new URL(ingest.url).origin)
  const site = await createSoakSite()
  const relay = `${gate.origin}/relay`
  try {
    return await withProfile(engine, async (profile) => {
      let kill: () => Promise<void>
      if (isDown) await gate.down()
      if (way === 'kill' || way === 'flush') {
        for (let round = 0; round < rounds; round++) {
          const durable = site.next('durable', PATIENCE_MS)
          if (way === 'flush') ingest.fault('slow', { delayMs: 300 })
          kill = engine.start(profile, site.url({ way, rounds: round + 1, first: round, relay }))
          await durable
          if (way === 'flush') await ingest.nextRequest()
          else if (killAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, killAfterMs))
          await kill()
        }
      } else {
        const ended = site.next('ended', PATIENCE_MS + rounds * 3_000)
        kill = engine.start(profile, site.url({ way, rounds, relay }))
        await ended
      }
      ingest.fault('ok')
      await gate.up()
      if (way === 'kill' || way === 'flush') kill = engine.start(profile, site.url({ way: 'drain', rounds, relay }))
      const known = new Set(
        Array.from({ length: rounds * EVENTS_A_ROUND }, (_, at) => `${Math.floor(at / 10)}-${at % 10}`),
      )
      const arrived = () => ingest.events().filter(({ eventId }) => known.has(eventId)).length
      let note = await site.next('stats', PATIENCE_MS)
      for (let look = 0; look < 60 && (arrived() < known.size || note.pending! > 0); look++) {
        note = await site.next('stats', PATIENCE_MS)
        // Everything that it found has left.
        if (look > 20 && note.pending === 0) break
      }
      await kill!()
      const drops = Object.values(note.dropped ?? {}).reduce((sum, count) => sum + count, 0)
      const foreign = ingest.events().length - arrived()
      const repeats = ingest.records.length - ingest.events().length
      const missing = [...known].filter((id) => !ingest.events().some(({ eventId }) => eventId === id))
      const missingLast = missing.filter((id) => id.endsWith('-9')).length
      return { tracked: known.size, delivered: arrived(), missingLast, said: site.said.size, repeats, drops, foreign }
    })
  } finally {
    await gate.down()
    await site.close()
    await ingest.close()
  }
}

const engines = await findEngines()

for (const engine of engines)
  for (const each of cases)
    base(`${engine.name}: ${each.name}`, async () => {
      base.setTimeout(PATIENCE_MS * 2 + rounds * 12_000)
      const result = await soak(engine, each)
      const line = { engine: engine.name, case: each.name, rounds, ...result }
      console.log(JSON.stringify(line))
      if (process.env.RAINDROP_SOAK_REPORT)
        appendFileSync(process.env.RAINDROP_SOAK_REPORT, `${JSON.stringify(line)}\n`)
      expect(result.foreign, 'events that nobody tracked').toBe(0)
      expect(result.drops, 'drops').toBe(0)
      // What was durable; the event tracked in pagehide is in the table.
      expect(result.delivered + result.missingLast).toBe(result.tracked)
    })
