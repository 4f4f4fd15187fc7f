import { join } from 'node:path'
import { createRaindrop, fileQueue, type OutgoingItem, type Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'
import { getConversations } from './conversations/open-conversations'
import { dataDirectory } from './data-directory'

const globals = globalThis as { demoRaindrop?: Raindrop }

/**
 * One client for the whole server, made with the first question. It is kept on `globalThis` since `next dev` evaluates this module again
 * after every change, and each client would bring its own queue.
 */
export function getRaindrop(): Raindrop {
  globals.demoRaindrop ??= createRaindrop({
    writeKey: process.env.RAINDROP_WRITE_KEY ?? 'demo-key',
    endpoint: process.env.RAINDROP_ENDPOINT ?? 'http://127.0.0.1:8787/v1/',
    // What the relay accepted is on disk, whatever becomes of this process and of the ingest.
    storage: fileQueue(join(dataDirectory(), 'chat-queue')),
    tracing: createTracing({ serviceName: 'raindrop-demo' }),
    beforeSend: noteSignal,
  })
  return globals.demoRaindrop
}

/**
 * The app's own copy of what visitors thought, to show it on the next visit. It is taken here and not by a request of its own from the page:
 * a vote then counts once the relay has taken it, whenever that was, and with whatever token it had to prove.
 */
function noteSignal(item: OutgoingItem): OutgoingItem {
  if (item.kind === 'signal') {
    const {
      event_id: eventId,
      signal_name: name,
      attachment_id: attachmentId = '',
      properties = {},
      timestamp,
    } = item.body
    const signalId = String(properties['$signal_id'])
    const at = typeof timestamp === 'string' ? timestamp : new Date().toISOString()
    const signal = { signalId, eventId, name, attachmentId: String(attachmentId), properties, at }
    getConversations()
      .then((conversations) => conversations.saveSignal(signal))
      .catch((error: unknown) => console.error('chat: a signal was not kept', error))
  }
  return item
}
