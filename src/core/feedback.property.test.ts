import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accepted, network } from '../../test/support/scripted-transport.js'
import { createTabs, signalsOf } from '../../test/support/tabs.js'
import type { FeedbackHandle } from './types.js'

type Tabs = ReturnType<typeof createTabs>
type Page = ReturnType<Tabs['open']>

/** What a receiver makes of the signals on one event, each id once, in the order of their arrival. */
function standingVote(signals: readonly any[]): 'up' | 'down' | null {
  const seen = new Set<string>()
  let standing: { id: string; vote: 'up' | 'down' } | undefined
  for (const { signal_name: name, properties } of signals) {
    const { $signal_id: id, retracts, replaces } = properties
    if (seen.has(id)) continue
    seen.add(id)
    for (const target of [retracts, replaces]) expect(target === undefined || seen.has(target)).toBe(true)
    if (name === 'feedback_retracted' && retracts === standing?.id) standing = undefined
    if (!name.startsWith('thumbs_')) continue
    // A vote stands alone, or says which one it follows.
    expect(replaces).toBe(standing?.id)
    standing = { id, vote: name === 'thumbs_up' ? 'up' : 'down' }
  }
  return standing?.vote ?? null
}

const act = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('up', 'down', 'none', 'undo') },
  { weight: 3, arbitrary: fc.constantFrom('comment', 'wait', 'wait', 'hide') },
  { weight: 2, arbitrary: fc.constantFrom('down-time', 'up-time', 'reload', 'kill', 'other tab') },
)

it('shows, in the end, what a receiver of its signals believes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
      const tabs = createTabs()
      const arrived: any[] = []
      let isDown = false
      const open = (): Page => {
        const page = tabs.open()
        page.transport.script = (sent) => {
          if (isDown) return network
          arrived.push(...signalsOf({ transport: { ...page.transport, sent: [sent] } }))
          return accepted
        }
        return page
      }
      let page = open()
      const feedback = (): FeedbackHandle => page.raindrop.feedback({ eventId: 'evt' })
      const said: Record<string, () => unknown> = {
        up: () => feedback().vote('up'),
        down: () => feedback().vote('down'),
        none: () => feedback().vote(null),
        undo: () => feedback().undo(),
        comment: () => feedback().comment('because'),
        wait: () => tabs.clock.advance(1_000),
        hide: () => page.handlers()?.hidden(),
        'down-time': () => (isDown = true),
        'up-time': () => (isDown = false),
        async reload() {
          page.handlers()?.hidden()
          await page.raindrop.persist()
          page.kill()
          page = open()
          feedback()
          await tabs.clock.advance(100)
        },
        async kill() {
          await page.raindrop.persist()
          page.kill()
          page = open()
          feedback()
          await tabs.clock.advance(100)
        },
        async 'other tab'() {
          // A page takes longer to open than a write to be committed.
          await tabs.clock.advance(1)
          page = open()
          feedback()
          await tabs.clock.advance(100)
        },
      }
      for (const each of acts) await said[each]!()
      isDown = false
      await tabs.clock.advance(900_000)
      expect(standingVote(arrived)).toBe(feedback().getState().vote)
      expect(['idle', 'delivered']).toContain(feedback().getState().delivery)
    }),
    { numRuns: 300 },
  )
})
