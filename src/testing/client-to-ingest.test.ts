import { Raindrop, type RaindropOptions } from 'raindrop-js'
import { expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from './ingest-server'

const ways: ReadonlyArray<readonly [string, (ingest: IngestServer) => RaindropOptions]> = [
  ['the endpoints', ({ url }) => ({ writeKey: 'key', endpoint: url, projectId: 'shop' })],
  ['the relay', ({ relayUrl }) => ({ relay: relayUrl })],
]

it.each(ways)('takes all that the client sends through %s, without a flag', async (_way, optionsFor) => {
  await using ingest = await startIngestServer({ writeKey: 'key' })
  await using raindrop = new Raindrop({ ...optionsFor(ingest), localDebugger: false, strict: true })

  const attachments = [{ type: 'code', role: 'input', value: 'x', language: 'js', attachmentId: 'a1' } as const]
  raindrop.trackAi({ event: 'chat', userId: 'u1', eventId: 'ai', input: 'hi', output: 'ho', attachments })
  raindrop.track({ event: 'opened', userId: 'u1', eventId: 'plain', properties: { at: new Date(0), big: 1n } })
  raindrop.identify({ userId: 'u1', traits: { plan: 'paid' } })
  const interaction = raindrop.begin({ event: 'chat', userId: 'u1', eventId: 'talk', input: 'hi' })
  await raindrop.flush()
  interaction.finish('ho')
  raindrop.trackSignal({ eventId: 'talk', name: 'thumbs_down', type: 'feedback', comment: 'no', sentiment: 'NEGATIVE' })
  raindrop.trackSignal({ eventId: 'talk', name: 'user_edit', type: 'edit', after: 'yes' })
  expect(await raindrop.flush()).toMatchObject({ pending: 0, dropped: 0 })

  expect(ingest.flags).toEqual([])
  expect(ingest.requests.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
  const events = Object.fromEntries(ingest.events().map((event) => [event.eventId, event]))
  expect(events).toMatchObject({
    ai: { pending: false, body: { ai_data: { input: 'hi', output: 'ho' }, attachments: [{ attachment_id: 'a1' }] } },
    plain: { pending: false, body: { properties: { at: '1970-01-01T00:00:00.000Z', big: '1' } } },
    talk: { pending: false, body: { ai_data: { input: 'hi', output: 'ho' } }, signals: [{}, {}] },
  })
  expect(ingest.records.find(({ kind }) => kind === 'identify')?.body).toMatchObject({ traits: { plan: 'paid' } })
})
