import { describe, expect, it } from 'vitest'
import type { ClientBench } from '../../test/support/client-bench.js'
import { answer, network } from '../../test/support/scripted-transport.js'
import { createTabs, signalsOf } from '../../test/support/tabs.js'
import type { FeedbackState, FlushReport, RaindropOptions } from './types.js'

/** A flush, and the time that it takes. */
async function flushed({ raindrop, clock }: ClientBench): Promise<FlushReport> {
  const report = raindrop.flush()
  await clock.advance(1_000)
  return await report
}

const createPage = (options?: RaindropOptions) => createTabs().open(options)

describe('a vote', () => {
  it('is one signal, sent when it was not taken back for a while', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up')
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'held' })
    await page.clock.advance(1_400)
    expect(signalsOf(page)).toEqual([])
    await page.clock.advance(1_000)
    expect(signalsOf(page)).toMatchObject([{ event_id: 'evt', signal_name: 'thumbs_up', sentiment: 'POSITIVE' }])
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'delivered' })
  })

  it('sends its last state only', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    for (let click = 0; click < 21; click++) feedback.vote(click % 2 ? 'up' : 'down')
    await page.clock.advance(5_000)
    expect(signalsOf(page)).toMatchObject([{ signal_name: 'thumbs_down', sentiment: 'NEGATIVE' }])
    expect(page.raindrop.stats().tracked).toBe(1)
  })

  it('sends nothing when it was taken back in time', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up')
    feedback.vote('down')
    feedback.vote('down')
    expect(feedback.getState()).toEqual({ vote: null, delivery: 'idle' })
    feedback.vote('up')
    feedback.undo()
    await page.clock.advance(5_000)
    expect(page.transport.sent).toEqual([])
    expect(page.raindrop.stats().tracked).toBe(0)
    expect(page.raindrop.store.getState().feedback).toEqual({})
  })

  it('names the vote that it replaces, and takes back what stands', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up', { properties: { place: 'chat' } })
    await page.clock.advance(3_000)
    feedback.vote('down')
    await page.clock.advance(3_000)
    feedback.vote('down')
    await page.clock.advance(3_000)
    const [up, down, none] = signalsOf(page)
    expect(up.properties).toEqual({ place: 'chat', $signal_id: expect.any(String) })
    expect(down).toMatchObject({ signal_name: 'thumbs_down', properties: { replaces: up.properties.$signal_id } })
    expect(none).toMatchObject({
      signal_name: 'feedback_retracted',
      properties: { retracts: down.properties.$signal_id },
    })
    expect(none.sentiment).toBeUndefined()
    expect(feedback.getState().vote).toBeNull()
    expect(signalsOf(page)).toHaveLength(3)
  })

  it('that came back to what was sent sends nothing more', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up')
    await page.clock.advance(3_000)
    feedback.vote('down')
    feedback.vote('up')
    await page.clock.advance(3_000)
    expect(signalsOf(page)).toHaveLength(1)
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'delivered' })
  })

  it('undone after it was delivered adds one retraction', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up', { undoWindowMs: 0 })
    await flushed(page)
    feedback.undo()
    feedback.undo()
    await flushed(page)
    const [up, retraction] = signalsOf(page)
    expect(retraction.properties.retracts).toBe(up.properties.$signal_id)
    expect(signalsOf(page)).toHaveLength(2)
  })

  it('leaves with flush, with the page, and before a logout', async () => {
    for (const end of ['flush', 'hide', 'reset'] as const) {
      const page = createPage()
      page.raindrop.feedback({ eventId: 'evt' }).vote('up')
      if (end === 'flush') expect(await flushed(page)).toMatchObject({ delivered: 1 })
      else if (end === 'hide') page.handlers()!.hidden()
      else page.raindrop.reset()
      await page.clock.advance(1_000)
      expect(signalsOf(page), end).toHaveLength(1)
    }
  })

  it('of an attachment is not that of its message', async () => {
    const page = createPage()
    page.raindrop.feedback({ eventId: 'evt' }).vote('up')
    page.raindrop.feedback({ eventId: 'evt', attachmentId: 'source-2' }).vote('down')
    expect(page.raindrop.store.getState().feedback).toMatchObject({
      evt: { vote: 'up' },
      'evt#source-2': { vote: 'down' },
    })
    await page.clock.advance(3_000)
    const found = signalsOf(page).map(({ signal_name, attachment_id }) => [signal_name, attachment_id])
    expect(found).toEqual([
      ['thumbs_up', undefined],
      ['thumbs_down', 'source-2'],
    ])
  })

  it('that was refused says why, and leaves again under the same id', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    page.fates.push(answer(400))
    feedback.vote('up')
    await page.clock.advance(3_000)
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'failed', reason: 'rejected' })
    feedback.retry()
    await page.clock.advance(3_000)
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'delivered' })
    const [first, second] = signalsOf(page)
    expect(second).toEqual(first)
  })

  it('that was refused is no vote to replace or to take back', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    page.fates.push(answer(400))
    feedback.vote('up')
    await page.clock.advance(3_000)
    feedback.vote('down')
    await page.clock.advance(3_000)
    expect(signalsOf(page).at(-1).properties.replaces).toBeUndefined()
    page.fates.push(answer(400))
    const other = page.raindrop.feedback({ eventId: 'other' })
    other.vote('up')
    await page.clock.advance(3_000)
    other.undo()
    await page.clock.advance(3_000)
    expect(other.getState()).toEqual({ vote: null, delivery: 'idle' })
    expect(signalsOf(page)).toHaveLength(3)
  })
})

describe('a comment', () => {
  it('follows the vote that it explains, with its sentiment', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('down')
    feedback.comment('Wrong year', { reasons: ['incorrect'] })
    await page.clock.advance(1_000)
    expect(signalsOf(page)).toMatchObject([
      { signal_name: 'thumbs_down' },
      {
        signal_name: 'user_feedback',
        signal_type: 'feedback',
        sentiment: 'NEGATIVE',
        properties: { comment: 'Wrong year', reasons: ['incorrect'] },
      },
    ])
    expect(feedback.getState()).toMatchObject({ vote: 'down', comment: 'Wrong year', reasons: ['incorrect'] })
  })

  it('of reasons alone is their names; a second one replaces the first', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.comment('', { reasons: ['Too long', 'Off topic'] })
    await page.clock.advance(1_000)
    feedback.comment('Just too long')
    await page.clock.advance(1_000)
    const [first, second] = signalsOf(page)
    expect(first.properties.comment).toBe('Too long, Off topic')
    expect(first.sentiment).toBeUndefined()
    expect(second.properties).toMatchObject({ comment: 'Just too long', replaces: first.properties.$signal_id })
    expect(second.properties.reasons).toBeUndefined()
  })

  it('is what undo takes back first, then the vote', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up')
    feedback.comment('Nice')
    await page.clock.advance(1_000)
    feedback.undo()
    expect(feedback.getState()).toMatchObject({ vote: 'up' })
    expect(feedback.getState().comment).toBeUndefined()
    feedback.undo()
    await page.clock.advance(1_000)
    const ids = signalsOf(page).map(({ properties }) => properties)
    expect(ids[2].retracts).toBe(ids[1].$signal_id)
    expect(ids[3].retracts).toBe(ids[0].$signal_id)
    expect(feedback.getState().vote).toBeNull()
  })
})

describe('an edit', () => {
  it('tells the text after and before, and how much is different', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.edit('The sky is very blue.', { before: 'The sky is blue.' })
    feedback.edit('The sky is very blue.')
    await page.clock.advance(1_000)
    expect(signalsOf(page)).toMatchObject([
      {
        signal_name: 'user_edit',
        signal_type: 'edit',
        properties: {
          after: 'The sky is very blue.',
          before: 'The sky is blue.',
          changed: { added: 5, removed: 0 },
        },
      },
    ])
    expect(feedback.getState().after).toBe('The sky is very blue.')
  })
})

describe('a token that is still to come', () => {
  it('is waited for by everything that is said, and then goes with it', async () => {
    const page = createPage()
    const early = page.raindrop.feedback({ eventId: 'evt', token: undefined })
    early.vote('up')
    early.track({ name: 'copied' })
    early.comment('Good')
    await page.clock.advance(10_000)
    await flushed(page)
    expect(page.transport.sent).toEqual([])
    expect(early.getState().delivery).toBe('held')
    page.raindrop.feedback({ eventId: 'evt', token: 'rdt_late' })
    await page.clock.advance(1_000)
    expect(signalsOf(page).map(({ signal_name }) => signal_name)).toEqual(['thumbs_up', 'user_feedback', 'copied'])
    expect(early.getState().delivery).toBe('delivered')
  })

  it('given before the disk is read serves what an earlier page left', async () => {
    const tabs = createTabs()
    const first = tabs.open()
    first.raindrop.feedback({ eventId: 'evt', token: undefined }).vote('up', { undoWindowMs: 0 })
    await first.raindrop.persist()
    first.kill()
    const next = tabs.open()
    const feedback = next.raindrop.feedback({ eventId: 'evt', token: 'rdt_late' })
    await tabs.clock.advance(3_000)
    expect(signalsOf(next)).toHaveLength(1)
    expect(feedback.getState().delivery).toBe('delivered')
  })

  it('is not waited for for ever, and still helps what was refused without it', async () => {
    const page = createTabs().open()
    page.fates.push(answer(400))
    const feedback = page.raindrop.feedback({ eventId: 'evt', token: undefined })
    feedback.vote('up')
    await page.clock.advance(60_000)
    expect(signalsOf(page)).toEqual([])
    await page.clock.advance(5_000)
    expect(feedback.getState()).toMatchObject({ delivery: 'failed', reason: 'rejected' })
    page.raindrop.feedback({ eventId: 'evt', token: 'rdt_late' })
    await page.clock.advance(5_000)
    expect(feedback.getState().delivery).toBe('delivered')
    expect(signalsOf(page)).toHaveLength(2)
  })

  it('need not come for a vote that was taken back', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt', token: null })
    feedback.vote('up')
    await page.clock.advance(3_000)
    feedback.vote('up')
    page.raindrop.feedback({ eventId: 'evt', token: 'rdt_late' })
    await page.clock.advance(3_000)
    expect(page.transport.sent).toEqual([])
    expect(feedback.getState()).toEqual({ vote: null, delivery: 'idle' })
  })

  it('does not hold back who needs none', async () => {
    const page = createPage()
    page.raindrop.feedback({ eventId: 'evt' }).vote('up')
    await page.clock.advance(3_000)
    expect(signalsOf(page)).toHaveLength(1)
  })
})

describe('what was said', () => {
  it('is still shown by the next page, and becomes delivered there', async () => {
    const browser = createTabs()
    const first = browser.open()
    first.transport.script = () => network
    const before = first.raindrop.feedback({ eventId: 'evt', token: 't' })
    before.vote('down')
    before.comment('Offline')
    await first.raindrop.persist()
    first.kill()
    const next = browser.open()
    const feedback = next.raindrop.feedback({ eventId: 'evt' })
    const states: FeedbackState[] = []
    feedback.subscribe((state) => states.push(state))
    await browser.clock.advance(10_000)
    expect(states[0]).toMatchObject({ vote: 'down', comment: 'Offline', delivery: 'queued' })
    expect(feedback.getState().delivery).toBe('delivered')
    expect(signalsOf(next).map(({ signal_name }) => signal_name)).toEqual(['thumbs_down', 'user_feedback'])
  })

  it('is sent by the next page when the first was killed while it held it', async () => {
    const browser = createTabs()
    const first = browser.open()
    first.raindrop.feedback({ eventId: 'evt' }).vote('up')
    await first.raindrop.persist()
    first.kill()
    await browser.clock.advance(1_000)
    const next = browser.open()
    await browser.clock.advance(10_000)
    expect(new Set(signalsOf(next).map(({ properties }) => properties.$signal_id)).size).toBe(1)
    expect(next.raindrop.feedback({ eventId: 'evt' }).getState()).toEqual({ vote: 'up', delivery: 'delivered' })
  })

  it('is known to other tabs at once, which can change it', async () => {
    const browser = createTabs()
    const [a, b] = [browser.open(), browser.open()]
    const [ours, theirs] = [a.raindrop.feedback({ eventId: 'evt' }), b.raindrop.feedback({ eventId: 'evt' })]
    await browser.clock.advance(0)
    ours.vote('up')
    expect(theirs.getState()).toEqual({ vote: 'up', delivery: 'held' })
    theirs.vote('down')
    expect(ours.getState()).toEqual({ vote: 'down', delivery: 'held' })
    await browser.clock.advance(10_000)
    const sent = [...signalsOf(a), ...signalsOf(b)]
    expect(sent.map(({ signal_name }) => signal_name)).toEqual(['thumbs_down'])
    expect(ours.getState().delivery).toBe('delivered')
    expect(theirs.getState().delivery).toBe('delivered')
  })

  it('is forgotten at a logout, by all tabs and on the disk', async () => {
    const browser = createTabs()
    const [a, b] = [browser.open(), browser.open()]
    a.raindrop.feedback({ eventId: 'evt' }).vote('up')
    b.raindrop.feedback({ eventId: 'evt' })
    await flushed(a)
    a.raindrop.reset()
    await browser.clock.advance(5_000)
    for (const { raindrop } of [a, b]) expect(raindrop.store.getState().feedback).toEqual({})
    expect(browser.disk.keys()).toEqual([])
  })

  it('does not come back in a tab that was reading the disk when another one logged out', async () => {
    const tabs = createTabs()
    const first = tabs.open()
    first.raindrop.feedback({ eventId: 'evt' }).vote('up')
    await flushed(first)
    const other = tabs.open()
    const feedback = other.raindrop.feedback({ eventId: 'evt' })
    first.raindrop.reset()
    await tabs.clock.advance(5_000)
    expect(feedback.getState().vote).toBeNull()
  })

  it('of another tab is newer than what this one was drawn with', async () => {
    const tabs = createTabs()
    const [a, b] = [tabs.open(), tabs.open()]
    const [ours, theirs] = [a.raindrop.feedback({ eventId: 'evt' }), b.raindrop.feedback({ eventId: 'evt' })]
    await tabs.clock.advance(100)
    theirs.vote('down', { undoWindowMs: 0 })
    await flushed(b)
    ours.restore('up')
    expect(ours.getState().vote).toBe('down')
  })

  it('is bounded: the oldest that is delivered is forgotten first', async () => {
    const browser = createTabs()
    const page = browser.open()
    for (let index = 0; index < 1_100; index++) {
      page.raindrop.feedback({ eventId: `evt-${index}` }).vote('up', { undoWindowMs: 0 })
      if (index % 100 === 99) await flushed(page)
    }
    await page.raindrop.persist()
    expect(Object.keys(page.raindrop.store.getState().feedback)).toHaveLength(1_000)
    expect(page.raindrop.feedback({ eventId: 'evt-0' }).getState().vote).toBeNull()
    expect(browser.disk.keys()).toHaveLength(1_000)
  })

  it('is bounded where all of it was refused, too', async () => {
    const page = createPage()
    page.transport.script = () => answer(400)
    for (let index = 0; index < 1_020; index++) {
      page.raindrop.feedback({ eventId: `evt-${index}` }).vote('up', { undoWindowMs: 0 })
      if (index % 100 === 99) await flushed(page)
    }
    expect(Object.keys(page.raindrop.store.getState().feedback)).toHaveLength(1_000)
  })

  it('is deleted by a purge also where nothing may be kept yet', async () => {
    const tabs = createTabs()
    const first = tabs.open()
    first.raindrop.feedback({ eventId: 'evt' }).vote('up', { undoWindowMs: 0 })
    await flushed(first)
    first.kill()
    expect(tabs.disk.keys()).toHaveLength(1)
    tabs.open({ enabled: false }).raindrop.reset({ purge: true })
    await tabs.clock.advance(100)
    expect(tabs.disk.keys()).toEqual([])
  })

  it('reaches no disk before beforeSend has seen it', async () => {
    const tabs = createTabs()
    const beforeSend: NonNullable<RaindropOptions['beforeSend']> = (item) => {
      if (item.body.properties?.['comment']) item.body.properties['comment'] = '[removed]'
      return item
    }
    const page = tabs.open({ beforeSend })
    page.transport.script = () => network
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up', { undoWindowMs: 0 })
    feedback.comment('call me at 555-1234')
    page.raindrop.feedback({ eventId: 'other', token: undefined }).comment('or at 555-1234')
    await page.raindrop.persist()
    expect(await tabs.disk.peek({ prefix: '', limit: 100 })).toHaveLength(4)
    expect(JSON.stringify(await tabs.disk.peek({ prefix: '', limit: 100 }))).not.toContain('555')
    page.kill()
    const next = tabs.open({ beforeSend })
    next.raindrop.feedback({ eventId: 'evt' })
    await tabs.clock.advance(100)
    expect(next.raindrop.feedback({ eventId: 'evt' }).getState()).toMatchObject({ vote: 'up', delivery: 'queued' })
  })

  it('leaves no trace where nothing may be kept', async () => {
    const browser = createTabs()
    const page = browser.open({ enabled: false })
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.vote('up')
    await browser.clock.advance(5_000)
    expect(feedback.getState()).toEqual({ vote: null, delivery: 'idle' })
    expect(browser.disk.keys()).toEqual([])
    expect(page.raindrop.stats().dropped.disabled).toBe(1)
  })
})

describe('a vote that the server knows', () => {
  it('is shown, sends nothing, and can be taken back by its name', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.restore('up')
    expect(feedback.getState()).toEqual({ vote: 'up', delivery: 'delivered' })
    await page.clock.advance(5_000)
    expect(page.transport.sent).toEqual([])
    feedback.vote('up')
    await page.clock.advance(5_000)
    expect(signalsOf(page)).toMatchObject([
      { signal_name: 'feedback_retracted', properties: { retracts: 'thumbs_up' } },
    ])
  })

  it('is none where the server says so, also when the disk is read later', async () => {
    const tabs = createTabs()
    const first = tabs.open()
    first.raindrop.feedback({ eventId: 'evt' }).vote('up')
    await flushed(first)
    // What the page was drawn with is older than what was said in it.
    first.raindrop.feedback({ eventId: 'evt' }).restore(null)
    expect(first.raindrop.feedback({ eventId: 'evt' }).getState().vote).toBe('up')
    first.kill()
    const next = tabs.open()
    const feedback = next.raindrop.feedback({ eventId: 'evt' })
    feedback.restore(null)
    await tabs.clock.advance(100)
    expect(feedback.getState().vote).toBeNull()
  })

  it('can be changed in the turn in which it was restored', async () => {
    const page = createPage()
    const feedback = page.raindrop.feedback({ eventId: 'evt' })
    feedback.restore('up')
    feedback.vote('down')
    expect(feedback.getState()).toEqual({ vote: 'down', delivery: 'held' })
    await page.clock.advance(3_000)
    expect(signalsOf(page)).toMatchObject([{ signal_name: 'thumbs_down', properties: { replaces: 'thumbs_up' } }])
  })

  it('costs one change of the store for a whole page of them', async () => {
    const page = createPage()
    let changes = 0
    page.raindrop.store.subscribe(() => changes++)
    const handles = Array.from({ length: 500 }, (_, index) => page.raindrop.feedback({ eventId: `evt-${index}` }))
    for (const handle of handles) handle.restore('up')
    const before = handles[7]!.getState()
    expect(before.vote).toBe('up')
    await page.clock.advance(0)
    expect(changes).toBe(1)
    expect(handles[7]!.getState()).toBe(before)
  })

  it('yields to one that this browser could not deliver yet, and to no older one', async () => {
    const browser = createTabs()
    const first = browser.open()
    first.raindrop.feedback({ eventId: 'delivered' }).vote('down')
    await flushed(first)
    first.transport.script = () => network
    first.raindrop.feedback({ eventId: 'waiting' }).vote('down', { undoWindowMs: 0 })
    await first.raindrop.persist()
    first.kill()
    const next = browser.open()
    next.transport.script = () => network
    for (const eventId of ['delivered', 'waiting']) next.raindrop.feedback({ eventId }).restore('up')
    await browser.clock.advance(100)
    expect(next.raindrop.feedback({ eventId: 'delivered' }).getState().vote).toBe('up')
    expect(next.raindrop.feedback({ eventId: 'waiting' }).getState().vote).toBe('down')
  })
})

describe('a wrong call', () => {
  it('is reported once, says what to do, and changes nothing', () => {
    const page = createPage()
    const { raindrop } = page
    raindrop.feedback({} as never).vote('up')
    const feedback = raindrop.feedback({ eventId: 'evt' })
    feedback.vote('sideways' as never)
    feedback.comment('  ')
    feedback.edit(undefined as never)
    expect(page.errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'invalid_event',
        'feedback: needs an eventId. Pass feedback({ eventId }) with the id that the server handed out.',
      ],
      ['invalid_event', 'feedback.vote: takes "up", "down" or null.'],
      ['invalid_event', 'feedback.comment: needs a text, or reasons. Pass comment("…").'],
      ['invalid_event', 'feedback.edit: needs the text after the edit. Pass edit("…").'],
    ])
    expect(feedback.getState()).toEqual({ vote: null, delivery: 'idle' })
    expect(raindrop.stats().dropped.invalid).toBe(4)
  })
})
