import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { send } from './answers'
import type { StoredEvent } from './read-events'

interface Format {
  contentType: string
  head: string
  foot: string
  line(event: StoredEvent, isFirst: boolean): string
}

const formats: Readonly<Record<string, Format>> = {
  json: {
    contentType: 'application/json; charset=utf-8',
    head: '[',
    foot: '\n]\n',
    line: ({ cursor: _, input: _i, output: _o, ...event }, isFirst) =>
      `${isFirst ? '' : ','}\n${JSON.stringify(event)}`,
  },
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    // With a byte order mark: without it spreadsheets take UTF-8 for something else.
    head: `\uFEFF${csvLine(csvColumns().map(([name]) => name))}`,
    foot: '',
    line: (event) => csvLine(csvColumns().map(([, value]) => value(event))),
  },
}

/** One page in memory at a time, and no faster than the reader takes it. */
export async function sendExport(
  response: ServerResponse,
  { format, pages }: { format: string; pages: AsyncIterable<StoredEvent[]> },
): Promise<void> {
  const chosen = Object.hasOwn(formats, format) ? formats[format] : undefined
  if (!chosen) return send(response, 400, { error: `format: pass one of ${Object.keys(formats).join(', ')}.` })
  const iterator = pages[Symbol.asyncIterator]()
  // The first page before the headers: what fails by then is answered with a status.
  let page = await iterator.next()
  response.writeHead(200, {
    'cache-control': 'no-store',
    'content-type': chosen.contentType,
    'content-disposition': `attachment; filename="events-${new Date().toISOString().slice(0, 10)}.${format}"`,
  })
  response.write(chosen.head)
  for (let isFirst = true; !page.done && !response.destroyed; page = await iterator.next()) {
    for (const event of page.value) {
      const isFlowing = response.write(chosen.line(event, isFirst))
      isFirst = false
      if (!isFlowing && !response.destroyed) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
  }
  response.end(chosen.foot)
}

type Column = readonly [name: string, value: (event: StoredEvent) => unknown]

function csvColumns(): readonly Column[] {
  const ai = ({ body }: StoredEvent) => (body.ai_data ?? {}) as Record<string, unknown>
  return [
    ['event_id', ({ eventId }) => eventId],
    ['received_at', ({ receivedAt }) => receivedAt.toISOString()],
    ['state', ({ pending }) => (pending ? 'open' : 'finished')],
    ['event', ({ event }) => event],
    ['user_id', ({ userId }) => userId],
    ['convo_id', ({ convoId }) => convoId],
    ['model', ({ model }) => model],
    ['input', (event) => ai(event).input],
    ['output', (event) => ai(event).output],
    ['error', ({ error }) => error],
    ['signals', ({ signalList }) => signalList.map(({ body }) => body.signal_name).join(' ')],
    [
      'comments',
      ({ signalList }) =>
        signalList
          .map(({ body }) => comment(body))
          .filter(Boolean)
          .join('\n'),
    ],
    ['properties', ({ body }) => JSON.stringify(body.properties ?? {})],
  ]
}

const comment = ({ properties }: Record<string, unknown>) => (properties as { comment?: string } | null)?.comment

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map((cell) => csvCell(cell === undefined || cell === null ? '' : String(cell))).join(',')}\r\n`
}

/** Text that a spreadsheet would run as a formula gets an apostrophe before it: what a user typed must not run on a colleague's machine. */
export function csvCell(text: string): string {
  const harmless = /^[\s\uFEFF]*[=+\-@|%\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
