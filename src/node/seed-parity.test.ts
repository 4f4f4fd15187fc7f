import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { Raindrop, type Attachment, type RaindropError, type RaindropOptions } from './index.js'

// One test for each method, parameter, option and default of the Python SDK's page; docs/python-to-typescript.md names them row by row.

let ingest: IngestServer
const opened: Raindrop[] = []
const errors: RaindropError[] = []

/** `onError: undefined` is a client that reports to the console. */
function start(options: RaindropOptions = {}): Raindrop {
  const raindrop = new Raindrop({
    writeKey: 'rk_1',
    endpoint: ingest.url,
    onError: (error) => errors.push(error),
    ...options,
  })
  opened.push(raindrop)
  return raindrop
}

const chat = { event: 'chat', userId: 'user_1', input: 'Hi' } as const

/** The only event that has arrived. */
function onlyEvent() {
  expect(ingest.events()).toHaveLength(1)
  return ingest.events()[0]!
}

beforeEach(async () => {
  ingest = await startIngestServer()
})

afterEach(async () => {
  for (const raindrop of opened.splice(0)) await raindrop.shutdown({ timeoutMs: 200 })
  await ingest.close()
  errors.length = 0
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

describe('init', () => {
  it('sends the write key with every request', async () => {
    const raindrop = start({ writeKey: 'rk_secret' })
    raindrop.trackAi(chat)
    raindrop.identify({ userId: 'user_1', traits: {} })
    await raindrop.flush()
    expect(ingest.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer rk_secret',
      'Bearer rk_secret',
    ])
  })

  it('reads RAINDROP_WRITE_KEY where no key is passed', async () => {
    vi.stubEnv('RAINDROP_WRITE_KEY', 'rk_environment')
    const passed = start({ writeKey: 'rk_passed' })
    passed.trackAi(chat)
    await passed.flush()
    const read = start({ writeKey: undefined })
    read.trackAi(chat)
    await read.flush()
    expect(ingest.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer rk_passed',
      'Bearer rk_environment',
    ])
  })

  it('sends wizardSession along with every event and interaction', async () => {
    const raindrop = start({ wizardSession: '5f0d' })
    raindrop.trackAi(chat)
    raindrop.begin(chat).finish('Hello')
    await raindrop.flush()
    const sessions = ingest.events().map(({ body }) => body.properties['raindrop.wizardSession'])
    expect(sessions).toEqual(['5f0d', '5f0d'])
  })

  it('sends nothing without a key, says so in one line, and lets the app go on', async () => {
    vi.stubEnv('RAINDROP_WRITE_KEY', undefined)
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const raindrop = start({ writeKey: undefined })
    expect(raindrop.trackAi(chat)).toMatch(/^[0-9a-f-]{36}$/)
    raindrop.begin(chat).setProperty('a', 1).finish('Hello')
    expect(await raindrop.flush()).toEqual({ delivered: 0, pending: 0, dropped: 0 })
    expect(ingest.requests).toEqual([])
    expect(warn.mock.calls).toEqual([[expect.stringContaining('RAINDROP_WRITE_KEY')]])
    expect(errors).toEqual([])
  })
})

describe('track_ai', () => {
  it('sends the user and the name of the event', async () => {
    const raindrop = start()
    raindrop.trackAi(chat)
    await raindrop.flush()
    expect(onlyEvent().body).toMatchObject({ user_id: 'user_1', event: 'chat' })
    expect(ingest.requests[0]?.path).toBe('/v1/events/track')
  })

  it('reports an event without a user or a name, and sends the others', async () => {
    const raindrop = start()
    raindrop.trackAi({ event: 'chat', input: 'Hi' })
    // @ts-expect-error The name is required.
    raindrop.trackAi({ userId: 'user_1', input: 'Hi' })
    raindrop.trackAi(chat)
    await raindrop.flush()
    expect(errors.map(({ code }) => code)).toEqual(['invalid_event', 'invalid_event'])
    expect(ingest.events()).toHaveLength(1)
    expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 1, dropped: { invalid: 2 } })
  })

  it('makes a UUID for an event without an id, and takes the id that is given', async () => {
    const raindrop = start()
    const made = raindrop.trackAi(chat)
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(raindrop.trackAi({ ...chat, eventId: 'my_id' })).toBe('my_id')
    await raindrop.flush()
    expect(ingest.events().map(({ eventId }) => eventId)).toEqual([made, 'my_id'])
  })

  it('sends model, input, output and conversation as AI data', async () => {
    const raindrop = start()
    raindrop.trackAi({ ...chat, model: 'gpt_4', output: 'Hello', convoId: 'convo_1' })
    await raindrop.flush()
    expect(onlyEvent().body.ai_data).toEqual({ model: 'gpt_4', input: 'Hi', output: 'Hello', convo_id: 'convo_1' })
  })

  it('takes input or output alone, and reports a call with neither', async () => {
    const raindrop = start()
    raindrop.trackAi({ event: 'chat', userId: 'user_1', input: 'Hi' })
    raindrop.trackAi({ event: 'chat', userId: 'user_1', output: 'Hello' })
    // @ts-expect-error One of input, output is required.
    raindrop.trackAi({ event: 'chat', userId: 'user_1' })
    await raindrop.flush()
    expect(ingest.events().map(({ body }) => body.ai_data)).toEqual([{ input: 'Hi' }, { output: 'Hello' }])
    expect(errors.map(({ code }) => code)).toEqual(['invalid_event'])
  })

  it('sends properties of any kind', async () => {
    const raindrop = start()
    raindrop.trackAi({ ...chat, properties: { experiment: 'a', nested: { scores: [1, 2.5, null] }, ok: true } })
    await raindrop.flush()
    expect(onlyEvent().body.properties).toMatchObject({
      experiment: 'a',
      nested: { scores: [1, 2.5, null] },
      ok: true,
    })
  })

  it('stamps an event with the moment of the call, in UTC', async () => {
    const raindrop = start()
    const before = Date.now()
    raindrop.trackAi(chat)
    const after = Date.now()
    await raindrop.flush()
    const { timestamp } = onlyEvent().body
    expect(timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(timestamp)).toBeLessThanOrEqual(after)
  })

  it('takes a timestamp in ISO 8601 or as a Date, and reports any other', async () => {
    const raindrop = start()
    raindrop.trackAi({ ...chat, timestamp: '2026-01-31T12:00:00+02:00' })
    raindrop.trackAi({ ...chat, timestamp: new Date(0) })
    raindrop.trackAi({ ...chat, timestamp: 'yesterday' })
    await raindrop.flush()
    expect(ingest.events().map(({ body }) => body.timestamp)).toEqual([
      '2026-01-31T10:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ])
    expect(errors.map(({ code }) => code)).toEqual(['invalid_event'])
  })
})

describe('attachments', () => {
  const attachments: Attachment[] = [
    { type: 'code', name: 'Example Code', value: 'console.log(1)', role: 'input', language: 'javascript' },
    { type: 'text', name: 'Additional Info', value: 'Some extra text', role: 'input' },
    { type: 'image', value: 'https://example.com/image.png', role: 'output' },
    { type: 'iframe', value: 'https://example.com/embed', role: 'output' },
  ]

  it('sends code, text, image and iframe with name, value, role and language', async () => {
    const raindrop = start()
    raindrop.trackAi({ ...chat, attachments })
    await raindrop.flush()
    expect(onlyEvent().body.attachments).toEqual(attachments)
    expect(ingest.flags).toEqual([])
  })

  it('cuts the properties of an event over 1 MB and names what was cut', async () => {
    const raindrop = start()
    raindrop.trackAi({ ...chat, properties: { long: 'é'.repeat(600_000), short: 'kept' } })
    await raindrop.flush()
    const { properties, ai_data } = onlyEvent().body
    expect(properties).toMatchObject({ short: 'kept', $truncated: ['properties.long'] })
    expect(properties.long).toMatch(/\.\.\.\[truncated by raindrop\]$/)
    expect(ai_data).toEqual({ input: 'Hi' })
  })
})

describe('identify', () => {
  it('sends the user with traits that are strings, numbers or booleans', async () => {
    const raindrop = start()
    const traits = { name: 'John Doe', age: 30, score: 0.5, active: true, plan: 'paid' }
    raindrop.identify({ userId: 'user_1', traits })
    await raindrop.flush()
    expect(ingest.records).toMatchObject([{ kind: 'identify', body: { user_id: 'user_1', traits } }])
  })
})

describe('begin and resume_interaction', () => {
  it('begins an interaction with everything that begin takes', async () => {
    const raindrop = start()
    const attachment: Attachment = { type: 'text', value: 'x', role: 'input' }
    const interaction = raindrop.begin({
      ...chat,
      eventId: 'event_1',
      properties: { a: 1 },
      attachments: [attachment],
      convoId: 'convo_1',
    })
    expect(interaction.id).toBe('event_1')
    await raindrop.flush()
    expect(onlyEvent()).toMatchObject({
      eventId: 'event_1',
      pending: true,
      body: {
        user_id: 'user_1',
        event: 'chat',
        ai_data: { input: 'Hi', convo_id: 'convo_1' },
        properties: { a: 1 },
        attachments: [attachment],
      },
    })
    expect(ingest.requests[0]?.path).toBe('/v1/events/track_partial')
  })

  it('makes an id for an interaction without one', () => {
    expect(start().begin(chat).id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('goes on with a live interaction, by its id, in begin and in resumeInteraction', async () => {
    const raindrop = start()
    const interaction = raindrop.begin(chat)
    expect(raindrop.resumeInteraction(interaction.id)).toBe(interaction)
    raindrop.begin({ ...chat, eventId: interaction.id, input: 'Hi again' })
    interaction.finish('Hello')
    await raindrop.flush()
    expect(onlyEvent().body.ai_data).toEqual({ input: 'Hi again', output: 'Hello' })
  })

  it('goes on with an event that another process began', async () => {
    const there = start()
    const { id } = there.begin(chat)
    await there.flush()
    const here = start()
    here.resumeInteraction(id).finish('Hello')
    await here.flush()
    expect(onlyEvent()).toMatchObject({
      pending: false,
      body: { user_id: 'user_1', ai_data: { input: 'Hi', output: 'Hello' } },
    })
  })
})

describe('the methods of an interaction', () => {
  it('replaces the input', async () => {
    const raindrop = start()
    raindrop.begin(chat).setInput('Hi there').finish()
    await raindrop.flush()
    expect(onlyEvent().body.ai_data).toEqual({ input: 'Hi there' })
  })

  it('adds attachments to those that are there', async () => {
    const raindrop = start()
    const [first, second, third]: Attachment[] = ['1', '2', '3'].map((value) => ({
      type: 'text',
      value,
      role: 'input',
    }))
    const interaction = raindrop.begin({ ...chat, attachments: [first!] })
    interaction.addAttachments([second!])
    await raindrop.flush()
    interaction.finish({ attachments: [third!] })
    await raindrop.flush()
    expect(onlyEvent().body.attachments).toEqual([first, second, third])
  })

  it('merges properties, and sets a single one of any type', async () => {
    const raindrop = start()
    const interaction = raindrop.begin({ ...chat, properties: { a: 1, b: 1 } })
    interaction.setProperties({ b: 2, c: 2 })
    await raindrop.flush()
    interaction.setProperty('d', [3]).finish()
    await raindrop.flush()
    expect(onlyEvent().body.properties).toMatchObject({ a: 1, b: 2, c: 2, d: [3] })
  })

  it('finishes with an output, without one, and with any other field', async () => {
    const raindrop = start()
    raindrop.begin({ ...chat, eventId: 'text' }).finish('Hello')
    raindrop.begin({ ...chat, eventId: 'nothing' }).finish()
    raindrop.begin({ ...chat, eventId: 'fields' }).finish({
      output: 'Hello',
      event: 'renamed',
      userId: 'user_2',
      model: 'gpt_4',
      input: 'Hi!',
      convoId: 'convo_1',
      properties: { a: 1 },
      attachments: [{ type: 'text', value: 'x', role: 'output' }],
      timestamp: '2026-01-31T12:00:00Z',
    })
    await raindrop.flush()
    expect(ingest.events()).toMatchObject([
      { eventId: 'text', pending: false, body: { ai_data: { output: 'Hello' } } },
      { eventId: 'nothing', pending: false, body: { ai_data: { input: 'Hi' } } },
      {
        eventId: 'fields',
        pending: false,
        body: {
          event: 'renamed',
          user_id: 'user_2',
          ai_data: { model: 'gpt_4', input: 'Hi!', output: 'Hello', convo_id: 'convo_1' },
          properties: { a: 1 },
          attachments: [{ value: 'x' }],
          timestamp: '2026-01-31T12:00:00.000Z',
        },
      },
    ])
  })

  it('sends an update by itself after a pause', async () => {
    const raindrop = start({ partialDebounceMs: 1, uploadIntervalMs: 1 })
    const arrived = ingest.nextRequest()
    raindrop.begin(chat)
    expect((await arrived).body).toMatchObject({ is_pending: true, ai_data: { input: 'Hi' } })
  })

  it('sends a finished interaction without waiting for a pause', async () => {
    const raindrop = start({ partialDebounceMs: 60_000, uploadIntervalMs: 1 })
    const arrived = ingest.nextRequest()
    raindrop.begin(chat).finish('Hello')
    expect((await arrived).body).toMatchObject({ is_pending: false, ai_data: { input: 'Hi', output: 'Hello' } })
  })
})

describe('track_signal', () => {
  it('sends the event, the name and the type default', async () => {
    const raindrop = start()
    raindrop.trackSignal({ eventId: 'event_1', name: 'thumbs_up' })
    await raindrop.flush()
    expect(ingest.signals()).toMatchObject([{ event_id: 'event_1', signal_name: 'thumbs_up', signal_type: 'default' }])
  })

  it('sends the sentiment', async () => {
    const raindrop = start()
    raindrop.trackSignal({ eventId: 'event_1', name: 'thumbs_up', sentiment: 'POSITIVE' })
    raindrop.trackSignal({ eventId: 'event_1', name: 'thumbs_down', sentiment: 'NEGATIVE' })
    await raindrop.flush()
    expect(ingest.signals().map(({ sentiment }) => sentiment)).toEqual(['POSITIVE', 'NEGATIVE'])
  })

  it('takes the comment of a feedback signal by itself or inside properties', async () => {
    const raindrop = start()
    raindrop.trackSignal({ eventId: 'event_1', name: 'user_feedback', type: 'feedback', comment: 'Helpful!' })
    raindrop.trackSignal({
      eventId: 'event_1',
      name: 'user_feedback',
      type: 'feedback',
      properties: { comment: 'So so' },
    })
    await raindrop.flush()
    expect(ingest.signals()).toMatchObject([
      { signal_type: 'feedback', properties: { comment: 'Helpful!' } },
      { signal_type: 'feedback', properties: { comment: 'So so' } },
    ])
  })

  it('takes the text after an edit by itself or inside properties', async () => {
    const raindrop = start()
    raindrop.trackSignal({ eventId: 'event_1', name: 'user_edit', type: 'edit', after: 'new' })
    raindrop.trackSignal({ eventId: 'event_1', name: 'user_edit', type: 'edit', properties: { after: 'newer' } })
    await raindrop.flush()
    expect(ingest.signals()).toMatchObject([
      { signal_type: 'edit', properties: { after: 'new' } },
      { signal_type: 'edit', properties: { after: 'newer' } },
    ])
  })

  it('reports feedback without a comment and an edit without a text', async () => {
    const raindrop = start()
    // @ts-expect-error A comment is required.
    raindrop.trackSignal({ eventId: 'event_1', name: 'user_feedback', type: 'feedback' })
    // @ts-expect-error The text after the edit is required.
    raindrop.trackSignal({ eventId: 'event_1', name: 'user_edit', type: 'edit' })
    await raindrop.flush()
    expect(errors.map(({ code }) => code)).toEqual(['invalid_event', 'invalid_event'])
    expect(ingest.requests).toEqual([])
  })

  it('stamps a signal with the moment of the call, or with the timestamp that is given', async () => {
    const raindrop = start()
    const before = Date.now()
    raindrop.trackSignal({ eventId: 'event_1', name: 'copied_code' })
    raindrop.trackSignal({ eventId: 'event_1', name: 'copied_code', timestamp: '2026-01-31T12:00:00Z' })
    await raindrop.flush()
    const [now, given] = ingest.signals().map(({ timestamp }) => Date.parse(timestamp))
    expect(now).toBeGreaterThanOrEqual(before)
    expect(given).toBe(Date.UTC(2026, 0, 31, 12))
  })

  it('sends properties, and keeps the comment among them', async () => {
    const raindrop = start()
    raindrop.trackSignal({ eventId: 'event_1', name: 'rated', comment: 'fine', properties: { stars: 4 } })
    await raindrop.flush()
    expect(ingest.signals()[0]?.properties).toMatchObject({ stars: 4, comment: 'fine' })
    expect(ingest.signals()[0]).not.toHaveProperty('comment')
  })

  it('points at one attachment of the event', async () => {
    const raindrop = start()
    const attachment: Attachment = { type: 'code', value: '1', role: 'output', attachmentId: 'att_1' }
    const eventId = raindrop.trackAi({ ...chat, attachments: [attachment] })
    raindrop.trackSignal({ eventId, name: 'copied_code', attachmentId: 'att_1' })
    await raindrop.flush()
    const { body, signals } = onlyEvent()
    expect(signals).toMatchObject([{ event_id: eventId, attachment_id: body.attachments[0].attachment_id }])
  })
})

describe('flush and shutdown', () => {
  it('sends by itself when uploadSize events wait', async () => {
    const raindrop = start({ uploadSize: 3, uploadIntervalMs: 60_000 })
    const arrived = ingest.nextRequest()
    for (const eventId of ['1', '2', '3']) raindrop.trackAi({ ...chat, eventId })
    expect((await arrived).body).toHaveLength(3)
  })

  it('sends by itself after uploadIntervalMs', async () => {
    const raindrop = start({ uploadIntervalMs: 1 })
    const arrived = ingest.nextRequest()
    raindrop.trackAi(chat)
    expect((await arrived).body).toHaveLength(1)
  })

  it('sends all that waits when flushed, interactions included', async () => {
    const raindrop = start({ uploadSize: 100, uploadIntervalMs: 60_000, partialDebounceMs: 60_000 })
    for (let index = 0; index < 25; index++) raindrop.trackAi(chat)
    raindrop.begin(chat)
    expect(await raindrop.flush()).toEqual({ delivered: 26, pending: 0, dropped: 0 })
    expect(ingest.events()).toHaveLength(26)
  })

  it('sends all that waits at shutdown, interactions included', async () => {
    const raindrop = start({ uploadSize: 100, uploadIntervalMs: 60_000, partialDebounceMs: 60_000 })
    raindrop.trackAi(chat)
    raindrop.begin(chat)
    expect(await raindrop.shutdown()).toEqual({ delivered: 2, pending: 0, dropped: 0 })
    expect(ingest.events()).toMatchObject([{ pending: false }, { pending: true }])
  })
})

describe('errors', () => {
  it('tries a request three times', async () => {
    const raindrop = start()
    ingest.fault('status', { status: 503, times: 2 })
    raindrop.trackAi(chat)
    expect(await raindrop.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(ingest.requests.map(({ status }) => status)).toEqual([503, 503, 200])
  })

  it('keeps what three tries could not send, and sends it later', async () => {
    const raindrop = start()
    ingest.fault('status', { status: 503, times: 4 })
    raindrop.trackAi(chat)
    // A flush tries at once, and gives up where the next try would come after its deadline.
    for (let round = 0; round < 4; round++) {
      expect(await raindrop.flush({ timeoutMs: 100 })).toEqual({ delivered: 0, pending: 1, dropped: 0 })
    }
    expect(await raindrop.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(ingest.requests).toHaveLength(5)
  })

  it('logs a failed request, with debug logs off as well', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const raindrop = start({ onError: undefined, debugLogs: false })
    ingest.fault('status', { status: 500, times: 1 })
    raindrop.trackAi(chat)
    await raindrop.flush()
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^\[raindrop\] .*500/)]])
  })

  it('hands a failed request to onError instead of the log', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const raindrop = start()
    ingest.fault('status', { status: 500, times: 1 })
    raindrop.trackAi(chat)
    await raindrop.flush()
    expect(errors.map(({ code }) => code)).toEqual(['network'])
    expect(log).not.toHaveBeenCalled()
  })
})

describe('configuration', () => {
  it('keeps 10,000 events by default', () => {
    const raindrop = start({ endpoint: 'http://127.0.0.1:9/v1/' })
    for (let index = 0; index < 10_001; index++) raindrop.trackAi(chat)
    expect(raindrop.stats()).toMatchObject({ tracked: 10_001, pending: 10_000, dropped: { queue_full: 1 } })
  })

  it('sends after one second or ten events by default', async () => {
    vi.useFakeTimers()
    const raindrop = createTestRaindrop()
    opened.push(raindrop)
    raindrop.trackAi(chat)
    await vi.advanceTimersByTimeAsync(999)
    expect(raindrop.requests).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(raindrop.requests).toHaveLength(1)

    for (let index = 0; index < 9; index++) raindrop.trackAi(chat)
    await vi.advanceTimersByTimeAsync(500)
    expect(raindrop.requests).toHaveLength(1)
    raindrop.trackAi(chat)
    await vi.advanceTimersByTimeAsync(1)
    expect(raindrop.requests[1]?.body).toHaveLength(10)
  })

  it('takes maxQueueSize, uploadSize and uploadIntervalMs at run time', async () => {
    const raindrop = start({ uploadIntervalMs: 60_000 })
    raindrop.configure({ maxQueueSize: 2, uploadSize: 200 })
    for (const eventId of ['1', '2', '3']) raindrop.trackAi({ ...chat, eventId })
    expect(raindrop.stats().dropped.queue_full).toBe(1)
    await raindrop.flush()
    expect(ingest.events().map(({ eventId }) => eventId)).toEqual(['2', '3'])

    raindrop.configure({ uploadIntervalMs: 1 })
    const arrived = ingest.nextRequest()
    raindrop.trackAi({ ...chat, eventId: '4' })
    expect((await arrived).body).toMatchObject([{ event_id: '4' }])
  })
})

describe('debugging', () => {
  it('prints what is queued and sent once debug logs are on, and never its content', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue(undefined)
    const raindrop = start()
    raindrop.trackAi(chat)
    await raindrop.flush()
    expect(log).not.toHaveBeenCalled()

    raindrop.setDebugLogs(true)
    const eventId = raindrop.trackAi({ ...chat, input: 'my secret', properties: { password: 'hunter2' } })
    await raindrop.flush()
    const lines = log.mock.calls.map(String)
    expect(lines).toEqual([
      expect.stringContaining(`queued event ${eventId} chat`),
      expect.stringContaining(`delivered event ${eventId}`),
    ])
    expect(lines.join()).not.toMatch(/secret|hunter2|rk_1/)
    raindrop.setDebugLogs(false)
    raindrop.trackAi(chat)
    expect(log).toHaveBeenCalledTimes(2)
  })
})

describe('tracing', () => {
  it('runs what interaction, task and tool wrap, with its receiver, arguments, result and error', async () => {
    const raindrop = start()
    for (const wrap of [raindrop.interaction('flow'), raindrop.task('step'), raindrop.tool('search', { version: 1 })]) {
      const wrapped = wrap(function add(this: { base: number }, a: number, b: number) {
        return this.base + a + b
      })
      expect(wrapped.call({ base: 1 }, 2, 3)).toBe(6)
      expect(wrapped.name).toBe('add')
      expect(await wrap(async (text: string) => text.length)('four')).toBe(4)
      const failure = new Error('no')
      await expect(wrap(() => Promise.reject(failure))()).rejects.toBe(failure)
    }
  })

  it('finds the interaction that began in the same flow, without its id', async () => {
    const raindrop = start()
    const answer = async () => {
      await Promise.resolve()
      raindrop.resumeInteraction().finish('Sunny!')
    }
    const flow = raindrop.interaction('weather_flow')(async (userId: string) => {
      const interaction = raindrop.begin({ ...chat, userId })
      await raindrop.task('step')(answer)()
      return interaction.id
    })
    const ids = await Promise.all([flow('user_1'), flow('user_2')])
    await raindrop.flush()
    const seen = ingest.events().map(({ eventId, pending, body }) => ({ eventId, pending, userId: body.user_id }))
    expect(seen).toEqual([
      { eventId: ids[0], pending: false, userId: 'user_1' },
      { eventId: ids[1], pending: false, userId: 'user_2' },
    ])
  })

  it('makes a new interaction where there is neither a flow nor an id', () => {
    const raindrop = start()
    const interaction = raindrop.begin(chat)
    const resumed = raindrop.resumeInteraction()
    expect(resumed).not.toBe(interaction)
    expect(raindrop.resumeInteraction(interaction.id)).toBe(interaction)
  })

  it('works as a method decorator', () => {
    const raindrop = start()
    // What the decorator syntax does: it calls the wrapper with the method and its context.
    const find = raindrop.tool('search')((query: string) => query.toUpperCase(), {
      kind: 'method',
      name: 'find',
    } as ClassMethodDecoratorContext)
    expect(find('a')).toBe('A')
  })

  it('runs withTool and withTask, sync and async, and gives their result or error', async () => {
    const raindrop = start()
    for (const withSpan of [raindrop.withTool, raindrop.withTask, raindrop.begin(chat).withTool]) {
      expect(withSpan('step', () => 1)).toBe(1)
      expect(await withSpan('step', { version: 1 }, async () => 2)).toBe(2)
      const failure = new Error('no')
      expect(() =>
        withSpan('step', () => {
          throw failure
        }),
      ).toThrow(failure)
    }
  })

  it('gives a span that takes input, output and properties, and ends', () => {
    const raindrop = start()
    raindrop.withTask('step', (span) => {
      expect(span.recordInput({ a: 1 }).recordOutput([1]).setProperties({ a: 1 })).toBe(span)
    })
    const interaction = raindrop.begin(chat)
    const span = interaction.startSpan({ kind: 'tool', name: 'search', version: 1 })
    expect(span.eventId).toBe(interaction.id)
    span
      .recordInput('a')
      .recordOutput('b')
      .setProperties({ a: 1 })
      .end({ error: new Error('no') })
    span.end()
    expect(errors).toEqual([])
  })

  it('sends no span without a tracing plug-in', async () => {
    const raindrop = start()
    const interaction = raindrop.begin(chat)
    interaction.run(() => raindrop.withTool('search', (span) => span.recordOutput('x')))
    interaction.startSpan({ kind: 'task', name: 'step' }).end()
    interaction.finish('Hello')
    await raindrop.flush()
    expect(ingest.records.map(({ kind }) => kind)).toEqual(['partial'])
  })
})
