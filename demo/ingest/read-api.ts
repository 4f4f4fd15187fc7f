import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './answers'
import { readFilter } from './event-filter'
import type { EventStore } from './event-store'
import { sendExport } from './export-events'
import type { LiveFeed } from './live-feed'
import { ranges, type Range } from './read-overview'

export interface ReadOptions {
  store: EventStore
  live: LiveFeed
}

type Answer = (response: ServerResponse, query: URLSearchParams, options: ReadOptions) => unknown

const answers: Readonly<Record<string, Answer>> = {
  '/health': (response) => send(response, 200, { ok: true, service: 'raindrop-demo-ingest' }),
  '/api/stream': (response, _query, { live }) => live.add(response),
  '/api/events': (response, query, { store }) =>
    sendPage(response, query, (page) => store.list({ ...page, filter: readFilter(query) })),
  '/api/conversations': (response, query, { store }) => {
    const { user } = readFilter(query)
    return sendPage(response, query, (page) => store.conversations({ ...page, ...(user && { user }) }))
  },
  '/api/facets': async (response, _query, { store }) => send(response, 200, await store.facets()),
  '/api/overview': sendOverview,
  '/api/export': (response, query, { store }) =>
    sendExport(response, { format: query.get('format') ?? 'json', pages: store.export(readFilter(query)) }),
}

/** What the inspector reads. */
export async function answerRead(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReadOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://ingest')
  const answer = Object.hasOwn(answers, url.pathname) ? answers[url.pathname] : undefined
  if (answer) return void (await answer(response, url.searchParams, options))
  const eventId = decoded(/^\/api\/events\/(.+)$/.exec(url.pathname)?.[1])
  const event = eventId === undefined ? null : await options.store.get(eventId)
  if (!event) return send(response, 404, { error: `Nothing is at ${url.pathname}.` })
  send(response, 200, event)
}

const pageSize = { default: 50, most: 200 }

async function sendPage(
  response: ServerResponse,
  query: URLSearchParams,
  read: (page: { before?: string; limit: number }) => Promise<unknown>,
): Promise<void> {
  const before = query.get('before') ?? undefined
  const limit = Number(query.get('limit') ?? pageSize.default)
  if (before !== undefined && !/^\d{1,18}$/.test(before)) {
    return send(response, 400, { error: 'before: pass the nextCursor of a page.' })
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > pageSize.most) {
    return send(response, 400, { error: `limit: pass a number from 1 to ${pageSize.most}.` })
  }
  send(response, 200, await read({ ...(before && { before }), limit }))
}

async function sendOverview(response: ServerResponse, query: URLSearchParams, { store }: ReadOptions): Promise<void> {
  const range = query.get('range') ?? '24h'
  if (!Object.hasOwn(ranges, range)) {
    return send(response, 400, { error: `range: pass one of ${Object.keys(ranges).join(', ')}.` })
  }
  send(response, 200, await store.overview(range as Range))
}

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part)
  } catch {
    return undefined
  }
}
