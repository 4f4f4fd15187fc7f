import { afterEach, describe, expect, it } from 'vitest'
import { startIngestServer } from 'raindrop-js/testing'
import { Raindrop, type RaindropError } from './index.js'

type Ingest = Awaited<ReturnType<typeof startIngestServer>>

let ingest: Ingest
const opened: Raindrop[] = []
const errors: RaindropError[] = []

async function start(options: ConstructorParameters<typeof Raindrop>[0] = {}): Promise<Raindrop> {
  ingest = await startIngestServer()
  const raindrop = new Raindrop({
    writeKey: 'rk_1',
    endpoint: ingest.url,
    onError: (error) => errors.push(error),
    ...options,
  })
  opened.push(raindrop)
  return raindrop
}

afterEach(async () => {
  for (const raindrop of opened.splice(0)) await raindrop.shutdown({ timeoutMs: 200 })
  errors.length = 0
  await ingest.close()
})

describe('a Node client and a real ingest', () => {
  it('delivers an AI event with everything that was said', async () => {
    const raindrop = await start({ convoId: 'convo_1' })
    const id = raindrop.trackAi({
      event: 'chat',
      userId: 'user_1',
      model: 'm',
      input: 'Hi',
      output: 'Hello',
      properties: { a: 1n, d: new Date(0) },
    })
    expect(await raindrop.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    const [event] = ingest.events()
    expect(event?.eventId).toBe(id)
    expect(event?.body).toMatchObject({
      event: 'chat',
      user_id: 'user_1',
      ai_data: { model: 'm', input: 'Hi', output: 'Hello', convo_id: 'convo_1' },
      properties: { a: '1', d: '1970-01-01T00:00:00.000Z', $context: { library: { name: 'raindrop-js' } } },
    })
    expect(errors).toEqual([])
  })

  it('sends an interaction in parts and finishes it once', async () => {
    const raindrop = await start()
    const interaction = raindrop.begin({ event: 'chat', userId: 'user_1', input: 'Hi' })
    await raindrop.flush()
    interaction.setProperty('stage', 'answering').appendOutput('Hel').appendOutput('lo')
    interaction.finish({ properties: { tokens: 2 } })
    await raindrop.flush()
    const [event] = ingest.events()
    expect(event).toMatchObject({ eventId: interaction.id, pending: false })
    expect(event?.body).toMatchObject({
      ai_data: { input: 'Hi', output: 'Hello' },
      properties: { stage: 'answering', tokens: 2 },
    })
    expect(ingest.requests.map((request) => request.path)).toHaveLength(2)
  })

  it('attaches a signal to its event', async () => {
    const raindrop = await start()
    const eventId = raindrop.trackAi({ event: 'chat', userId: 'user_1', input: 'Hi' })
    raindrop.trackSignal({ eventId, name: 'user_feedback', type: 'feedback', comment: 'good', sentiment: 'POSITIVE' })
    raindrop.identify({ userId: 'user_1', traits: { plan: 'paid' } })
    await raindrop.flush()
    expect(ingest.events()[0]?.signals).toMatchObject([
      { signal_name: 'user_feedback', properties: { comment: 'good' } },
    ])
    expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 3, pending: 0 })
  })

  it('tries again after failures and loses nothing', async () => {
    const raindrop = await start()
    ingest.fault('status', { status: 503, times: 2 })
    for (let index = 0; index < 250; index++) raindrop.trackAi({ event: 'chat', userId: 'u', input: `${index}` })
    const report = await raindrop.flush()
    expect(report).toEqual({ delivered: 250, pending: 0, dropped: 0 })
    expect(ingest.events()).toHaveLength(250)
  })
})
