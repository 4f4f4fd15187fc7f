import type { ServerResponse } from 'node:http'
import type { EventStore } from './event-store'
import type { EventSummary } from './read-events'

/** What a reader of the stream gets: lines of the list that are new or changed, or "read the list again". */
export type LiveMessage = { type: 'changed'; events: EventSummary[] } | { type: 'resync' }

export interface LiveFeed {
  add(response: ServerResponse): void
  close(): void
}

/** A burst becomes one query and one message. */
const collectMs = 40
/** Proxies close what is silent, and a dead reader is only noticed by writing to it. */
const heartbeatMs = 15_000

export async function createLiveFeed(store: EventStore): Promise<LiveFeed> {
  const readers = new Set<ServerResponse>()
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const send = (message: LiveMessage) => {
    for (const reader of readers) reader.write(`data: ${JSON.stringify(message)}\n\n`)
  }
  const publish = async () => {
    timer = undefined
    const eventIds = [...waiting]
    waiting.clear()
    try {
      send({ type: 'changed', events: await store.summaries(eventIds) })
    } catch {
      send({ type: 'resync' })
    }
  }

  await store.onChange((eventIds) => {
    if (readers.size === 0) return
    if (!eventIds) return send({ type: 'resync' })
    for (const eventId of eventIds) waiting.add(eventId)
    timer ??= setTimeout(() => void publish(), collectMs)
  })

  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.write(': still here\n\n')
  }, heartbeatMs)

  return {
    add(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' })
      // A first byte at once: only then does the reader know that it is connected.
      response.write(': connected\n\n')
      readers.add(response)
      response.once('close', () => readers.delete(response))
    },
    close() {
      clearInterval(heartbeat)
      clearTimeout(timer)
      for (const reader of readers) reader.end()
    },
  }
}
