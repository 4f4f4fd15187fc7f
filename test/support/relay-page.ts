import { Raindrop, type RaindropOptions } from 'raindrop-js'
import { createFeedbackTokens, createRelay, type RelayAnswer, type RelayOptions } from 'raindrop-js/relay'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'

export const secret = 'a secret of more than thirty-two characters'
export const tokens = createFeedbackTokens({ secret })
export const relayUrl = 'https://app.example/api/raindrop'

type Wire = Record<string, unknown>
export interface SentRecord {
  id: string
  kind: string
  body: unknown
  token?: string
}

/** Record ids that no other test has. */
export const recordId = (): string => `r-${crypto.randomUUID().slice(0, 13)}`

export const signal = (body: Wire = {}, more: Partial<SentRecord> & Wire = {}): SentRecord => ({
  id: recordId(),
  kind: 'signal',
  body: {
    event_id: 'e1',
    signal_name: 'thumbs_up',
    signal_type: 'default',
    properties: { $signal_id: recordId() },
    ...body,
  },
  ...more,
})
export const event = (body: Wire = {}, more: Partial<SentRecord> & Wire = {}): SentRecord => ({
  id: recordId(),
  kind: 'event',
  body: {
    event_id: 'e2',
    event: 'chat',
    user_id: 'alice',
    ai_data: { input: 'Hi' },
    properties: { $context: { library: { name: 'raindrop-js', version: '1' }, metadata: {} } },
    ...body,
  },
  ...more,
})
export const partial = (body: Wire = {}, more: Partial<SentRecord> & Wire = {}): SentRecord => ({
  id: recordId(),
  kind: 'partial',
  body: { event_id: 'e3', event: 'chat', user_id: 'alice', ai_data: { input: 'Hi' }, is_pending: true, ...body },
  ...more,
})

export const envelope = (records: readonly unknown[]): string =>
  JSON.stringify({ v: 1, sentAt: new Date().toISOString(), records })

/** A POST as the browser client makes it, from a page of the relay's own origin. */
export const post = (body: BodyInit | null, init: RequestInit & { url?: string } = {}): Request => {
  const { url = relayUrl, headers, ...rest } = init
  const all = { 'content-type': 'text/plain', origin: 'https://app.example', ...(headers as Record<string, string>) }
  return new Request(url, {
    method: 'POST',
    body,
    headers: all,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    ...rest,
  } as RequestInit)
}

/** A relay before a strict ingest. `user` is who is signed in. */
export async function createRelayPage(
  options: Partial<RelayOptions> & { client?: RaindropOptions; user?: string | null } = {},
) {
  const { client, user, ...rest } = options
  const ingest: IngestServer = await startIngestServer()
  const errors: string[] = []
  const raindrop = new Raindrop({
    writeKey: 'key',
    endpoint: ingest.url,
    onError: (error) => errors.push(error.message),
    ...client,
  })
  const session = { userId: user }
  const relay = createRelay({
    raindrop,
    tokens,
    ...(user === undefined ? {} : { authorize: () => (session.userId == null ? null : { userId: session.userId }) }),
    ...rest,
  })

  return {
    ingest,
    raindrop,
    relay,
    errors,
    session,
    /** Sends records and reads the answer. */
    async send(...records: readonly unknown[]): Promise<RelayAnswer> {
      const response = await relay(post(envelope(records)))
      if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as RelayAnswer
    },
    async close() {
      await raindrop.shutdown({ timeoutMs: 0 })
      await ingest.close()
    },
  }
}

export type RelayPage = Awaited<ReturnType<typeof createRelayPage>>
