import { describe, expect, it } from 'vitest'
import type { RaindropError } from './index.js'
import { createTestRaindrop, mergeEvent, type MergedEvent, type TestRaindrop } from 'raindrop-js/testing'

/** What an ingest would hold in the end. */
function eventsOf(raindrop: TestRaindrop): Map<string, MergedEvent> {
  const merged = new Map<string, MergedEvent>()
  for (const { path, body } of raindrop.requests) {
    if (!path.endsWith('track_partial')) continue
    const id = body.event_id as string
    merged.set(id, mergeEvent(merged.get(id), { kind: 'partial', body }))
  }
  return merged
}

function bodiesOf(raindrop: TestRaindrop): any[] {
  return raindrop.requests.filter(({ path }) => path.endsWith('track_partial')).map(({ body }) => body)
}

describe('an interaction', () => {
  it('sends what changed since it was last sent, with who and what it is about each time', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({
      event: 'chat',
      userId: 'u',
      convoId: 'c',
      input: 'Hi',
      timestamp: '2026-01-02T03:04:05Z',
    })
    await raindrop.flush()
    interaction.setModel('m')
    await raindrop.flush()
    const [first, second] = bodiesOf(raindrop)
    expect(first).toMatchObject({ user_id: 'u', ai_data: { input: 'Hi', convo_id: 'c' }, is_pending: true })
    expect(second).toMatchObject({
      event: 'chat',
      user_id: 'u',
      ai_data: { model: 'm', convo_id: 'c' },
      timestamp: '2026-01-02T03:04:05.000Z',
    })
    expect(second.ai_data.input).toBeUndefined()
  })

  it('sends nothing when nothing is new', async () => {
    const raindrop = createTestRaindrop()
    raindrop.begin({ event: 'chat', userId: 'u' })
    await raindrop.flush()
    await raindrop.flush()
    expect(raindrop.requests).toHaveLength(1)
  })

  it('makes one request of a thousand tokens', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    for (let token = 0; token < 1_000; token++) interaction.appendOutput('x')
    interaction.finish()
    await raindrop.flush()
    expect(raindrop.requests).toHaveLength(1)
    expect(bodiesOf(raindrop)[0].ai_data.output).toBe('x'.repeat(1_000))
  })

  it('caps what tokens add up to, and mends halves of characters between them', async () => {
    const raindrop = createTestRaindrop()
    const long = raindrop.begin({ event: 'chat', userId: 'u' })
    for (let chunk = 0; chunk < 12; chunk++) long.appendOutput('x'.repeat(100_000))
    long.finish()
    const split = raindrop.begin({ event: 'chat', userId: 'u' })
    split.appendOutput('a\ud83d').appendOutput('\udc33b').appendOutput('\ud83d').finish()
    await raindrop.flush()
    const outputOf = (id: string) => bodiesOf(raindrop).find(({ event_id }) => event_id === id).ai_data.output as string
    expect(outputOf(long.id)).toHaveLength(1_000_000)
    expect(outputOf(long.id).endsWith('...[truncated by raindrop]')).toBe(true)
    expect(outputOf(split.id)).toBe('a🐳b\ufffd')
  })

  it('takes an output that is no text', async () => {
    const raindrop = createTestRaindrop()
    raindrop.begin({ event: 'chat', userId: 'u' }).finish(42 as never)
    await raindrop.flush()
    expect(bodiesOf(raindrop)[0].ai_data.output).toBe('42')
  })

  it('merges properties and appends attachments at finish', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', properties: { a: 1, b: 1 } })
    interaction.addAttachments([{ type: 'text', role: 'input', value: 'one' }])
    interaction.finish({
      output: 'done',
      properties: { b: 2 },
      attachments: [{ type: 'code', role: 'output', value: 'two', language: 'js' }],
    })
    await raindrop.flush()
    const body = bodiesOf(raindrop)[0]
    expect(body.properties).toMatchObject({ a: 1, b: 2 })
    expect(body.attachments.map((attachment: { value: string }) => attachment.value)).toEqual(['one', 'two'])
    expect(body.is_pending).toBe(false)
  })

  it('reports and ignores calls after finish', async () => {
    const errors: RaindropError[] = []
    const raindrop = createTestRaindrop({ onError: (error) => errors.push(error) })
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.finish('done')
    interaction.setInput('late').finish('again')
    await raindrop.flush()
    expect(errors.map(({ code }) => code)).toEqual(['invalid_event', 'invalid_event'])
    expect(bodiesOf(raindrop)).toHaveLength(1)
    expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 1, dropped: { invalid: 2 } })
  })

  it('still takes a signal after finish: feedback comes late by nature', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.finish('done')
    interaction.trackSignal({ name: 'thumbs_up' })
    await raindrop.flush()
    expect(raindrop.requests.map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringMatching(/signals\/track$/)]),
    )
  })

  it('goes on with a begun one when begin is called with its id', async () => {
    const raindrop = createTestRaindrop()
    const first = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e1', input: 'Hi' })
    const second = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e1', model: 'm' })
    expect(second).toBe(first)
  })

  it('finishes even where finish was given something wrong', async () => {
    const errors: RaindropError[] = []
    const raindrop = createTestRaindrop({ onError: (error) => errors.push(error) })
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.finish({ output: 'done', timestamp: 'yesterday' })
    await raindrop.flush()
    expect(errors).toHaveLength(1)
    expect(bodiesOf(raindrop)[0]).toMatchObject({ ai_data: { output: 'done' }, is_pending: false })
  })

  it('gives the live handle by id, and a new one without a timestamp for an event begun elsewhere', async () => {
    const raindrop = createTestRaindrop({ userId: 'default-user' })
    const mine = raindrop.begin({ event: 'chat', userId: 'u' })
    expect(raindrop.resumeInteraction(mine.id)).toBe(mine)
    raindrop.resumeInteraction('elsewhere').setProperty('rated', true)
    await raindrop.flush()
    const body = bodiesOf(raindrop).find(({ event_id }) => event_id === 'elsewhere')
    expect(body).toMatchObject({ is_pending: true, properties: { rated: true } })
    expect(body.timestamp).toBeUndefined()
    // The default user of this process may not be the one who began it.
    expect(body.user_id).toBeUndefined()
  })

  it('that was only looked up sends nothing', async () => {
    const raindrop = createTestRaindrop()
    raindrop.resumeInteraction()
    raindrop.resumeInteraction('elsewhere')
    await raindrop.flush()
    expect(raindrop.requests).toEqual([])
  })

  it('keeps ten thousand handles and sends the oldest before it lets go of it', async () => {
    const raindrop = createTestRaindrop({ maxQueueSize: 20_000, partialDebounceMs: 1e6 })
    const first = raindrop.begin({ event: 'chat', userId: 'u', input: 'first' })
    for (let index = 0; index < 10_000; index++) raindrop.begin({ event: 'chat', userId: 'u' })
    expect(raindrop.stats().pending).toBe(1)
    expect(raindrop.resumeInteraction(first.id)).not.toBe(first)
  })

  it('folds what it undelivered so far into one record', async () => {
    const raindrop = createTestRaindrop()
    raindrop.goOffline()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    await raindrop.persist()
    for (let index = 0; index < 5; index++) {
      interaction.setProperty(`p${index}`, index)
      await raindrop.persist()
    }
    expect(raindrop.stats()).toMatchObject({ tracked: 1, pending: 1 })
    raindrop.goOnline()
    await raindrop.flush()
    expect(eventsOf(raindrop).get(interaction.id)?.body).toMatchObject({ properties: { p0: 0, p4: 4 } })
  })
})

describe('a stream that is tracked', () => {
  const chunksOf = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
    const chunks: T[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return chunks
  }

  async function tracked(run: (interaction: ReturnType<TestRaindrop['begin']>) => Promise<unknown>): Promise<any> {
    const raindrop = createTestRaindrop({ onError: () => undefined })
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    await run(interaction)
    await raindrop.flush()
    return { ...eventsOf(raindrop).get(interaction.id)?.body, finished: interaction.finished }
  }

  function readable<T>(...chunks: T[]): ReadableStream<T> {
    return new ReadableStream<T>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      },
    })
  }

  function readableFrom(source: AsyncGenerator<string>): ReadableStream<string> {
    return new ReadableStream<string>({
      async pull(controller) {
        const { done, value } = await source.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
  }

  async function* generated(...chunks: string[]): AsyncGenerator<string, string> {
    for (const chunk of chunks) yield chunk
    return 'returned'
  }

  it('passes a stream of strings through and finishes with its text', async () => {
    const body = await tracked(async (interaction) => {
      expect(await chunksOf(interaction.trackStream(readable('a', 'b')))).toEqual(['a', 'b'])
    })
    expect(body).toMatchObject({ finished: true, ai_data: { output: 'ab' } })
  })

  it('decodes bytes whose characters are cut between chunks', async () => {
    const bytes = new TextEncoder().encode('grün 🐳')
    const body = await tracked((interaction) =>
      chunksOf(interaction.trackStream(readable(bytes.slice(0, 3), bytes.slice(3, 8), bytes.slice(8)))),
    )
    expect(body.ai_data.output).toBe('grün 🐳')
  })

  it('passes an async generator through, its return value included', async () => {
    const body = await tracked(async (interaction) => {
      const stream = interaction.trackStream(generated('a', 'b'))
      expect(await stream.next()).toEqual({ done: false, value: 'a' })
      expect(await stream.next()).toEqual({ done: false, value: 'b' })
      expect(await stream.next()).toEqual({ done: true, value: 'returned' })
    })
    expect(body.ai_data.output).toBe('ab')
  })

  it('takes the text out of chunks that are no strings, and keeps what else the stream can do', async () => {
    const source = {
      controller: 'mine',
      async *[Symbol.asyncIterator]() {
        yield { delta: 'a' }
        yield { delta: undefined }
        yield { delta: 'b' }
      },
    }
    const body = await tracked(async (interaction) => {
      const stream = interaction.trackStream(
        source as AsyncIterable<{ delta?: string }> & { controller: string },
        (chunk: { delta?: string }) => chunk.delta,
      )
      expect(stream.controller).toBe('mine')
      await chunksOf(stream)
    })
    expect(body.ai_data.output).toBe('ab')
  })

  it('says that the reader stopped early, and tells the source', async () => {
    let closed = false
    async function* source(): AsyncGenerator<string> {
      try {
        yield 'a'
        yield 'b'
      } finally {
        closed = true
      }
    }
    const body = await tracked(async (interaction) => {
      for await (const _ of interaction.trackStream(source())) break
    })
    expect(closed).toBe(true)
    expect(body).toMatchObject({ finished: true, ai_data: { output: 'a' }, properties: { aborted: true } })
  })

  it('says that a readable was cancelled, and tells the source', async () => {
    let reason: unknown
    const source = new ReadableStream<string>({
      pull: (controller) => controller.enqueue('a'),
      cancel: (why) => void (reason = why),
    })
    const body = await tracked(async (interaction) => {
      const reader = interaction.trackStream(source).getReader()
      await reader.read()
      await reader.cancel('enough')
    })
    expect(reason).toBe('enough')
    expect(body).toMatchObject({ finished: true, properties: { aborted: true } })
  })

  it.each(['generator', 'readable'])('keeps the error of a failing %s, and throws the same object', async (kind) => {
    const failure = new RangeError('model broke')
    async function* source(): AsyncGenerator<string> {
      yield 'a'
      throw failure
    }
    const body = await tracked(async (interaction) => {
      const stream = kind === 'generator' ? source() : readableFrom(source())
      await expect(chunksOf(interaction.trackStream(stream))).rejects.toBe(failure)
    })
    expect(body).toMatchObject({
      finished: true,
      ai_data: { output: 'a' },
      properties: { 'error.type': 'RangeError', 'error.message': 'model broke' },
    })
  })

  it('does not let a text() that throws reach the app', async () => {
    const body = await tracked(async (interaction) => {
      const stream = interaction.trackStream(readable({ n: 1 }), () => {
        throw new Error('oops')
      })
      expect(await chunksOf(stream)).toEqual([{ n: 1 }])
    })
    expect(body.finished).toBe(true)
  })

  it('that somebody else reads already is given back, with an error', async () => {
    const errors: RaindropError[] = []
    const raindrop = createTestRaindrop({ onError: (error) => errors.push(error) })
    const locked = readable('a')
    locked.getReader()
    expect(raindrop.begin({ event: 'chat', userId: 'u' }).trackStream(locked)).toBe(locked)
    expect(errors).toMatchObject([{ code: 'invalid_event', message: expect.stringContaining('locked') }])
  })

  it('reads the source only as fast as it is read itself', async () => {
    let pulled = 0
    const source = new ReadableStream<string>(
      { pull: (controller) => controller.enqueue(String(++pulled)) },
      { highWaterMark: 0 },
    )
    await tracked(async (interaction) => {
      const reader = interaction.trackStream(source).getReader()
      await reader.read()
      expect(pulled).toBe(1)
      await reader.cancel()
    })
  })
})

describe('headers between processes', () => {
  it('carry the event id and a trace, and resume on the other side', async () => {
    const here = createTestRaindrop()
    const there = createTestRaindrop()
    const interaction = here.begin({ event: 'chat', userId: 'u', eventId: 'frage ü\n1' })
    const headers = interaction.toHeaders()
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(() => new Headers(headers)).not.toThrow()
    for (const form of [headers, new Headers(headers), { 'X-Raindrop-Event-Id': [headers['x-raindrop-event-id']!] }]) {
      expect(there.resumeFromHeaders(form).id).toBe(interaction.id)
    }
    const traceOf = (value: Record<string, string>) => value.traceparent!.slice(3, 35)
    expect(traceOf(createTestRaindrop().resumeFromHeaders(headers).toHeaders())).toBe(traceOf(headers))
  })

  it('that say nothing of use begin a new one', () => {
    const raindrop = createTestRaindrop()
    for (const headers of [
      {},
      new Headers(),
      { 'x-raindrop-event-id': '' },
      { 'x-raindrop-event-id': 'x'.repeat(257) },
    ]) {
      expect(raindrop.resumeFromHeaders(headers).id).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})
