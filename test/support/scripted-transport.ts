import type { Answer, Clock, Transport, WireRequest } from '../../src/core/ports.js'

/** A request as the script sees it. */
export interface Sent {
  readonly path: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Moment, by the clock's `elapsed`. */
  readonly at: number
  readonly bytes: number
  /** Wire bodies, whatever the shape of the request. */
  readonly bodies: readonly any[]
  /** Event id, signal id or user id of each. */
  readonly refs: readonly string[]
  /** Relay: ids of the records. */
  readonly ids: readonly string[]
}

export type Reply = Answer | 'hang'
export type Script = (sent: Sent, index: number) => Reply | Promise<Reply>

export interface ScriptedTransport extends Transport {
  readonly sent: Sent[]
  /** Requests under way now, and the most there ever were. */
  readonly open: number
  readonly mostOpen: number
  script: Script
  /** Refs of every request, one list each. */
  refs(): string[][]
}

export const answer = (status: number, text = '', retryAfter: string | null = null): Answer => ({
  status,
  retryAfter,
  text,
})
export const accepted = answer(200, '{"success":true}')
export const network: Answer = { failure: 'network', cause: new Error('ECONNRESET') }

/** The replies in their order, then acceptance. */
export const inOrder = (...replies: readonly Reply[]): Script => {
  return (_sent, index) => replies[index] ?? accepted
}

const refOf = (body: any): string => body.properties?.$signal_id ?? body.event_id ?? body.user_id ?? ''

function read({ url, headers, body }: WireRequest, at: number): Sent {
  const parsed = JSON.parse(body)
  const records: any[] = parsed.records ?? []
  const bodies = parsed.records ? records.map((record) => record.body) : Array.isArray(parsed) ? parsed : [parsed]
  const path = new URL(url, 'http://localhost').pathname
  const bytes = new TextEncoder().encode(body).length
  return { path, url, headers, at, bytes, bodies, refs: bodies.map(refOf), ids: records.map(({ id }) => id) }
}

/** Answers from a script; a reply that hangs ends with the client's own deadline, as fetch does. */
export function createScriptedTransport(clock: Clock, script: Script = () => accepted): ScriptedTransport {
  const cuts = new Set<() => void>()
  const sent: Sent[] = []
  let mostOpen = 0

  const transport: ScriptedTransport = {
    sent,
    script,
    get open() {
      return cuts.size
    },
    get mostOpen() {
      return mostOpen
    },
    refs: () => sent.map(({ refs }) => [...refs]),
    send(request, timeoutMs) {
      const one = read(request, clock.elapsed())
      const index = sent.push(one) - 1
      return new Promise((resolve) => {
        const end = (result: Answer): void => {
          cancel()
          cuts.delete(cut)
          resolve(result)
        }
        const cut = (): void => end(network)
        const cancel = clock.after(timeoutMs, () => end({ failure: 'timeout', cause: new Error('timeout') }))
        cuts.add(cut)
        mostOpen = Math.max(mostOpen, cuts.size)
        void Promise.resolve(transport.script(one, index)).then((reply) => reply !== 'hang' && end(reply))
      })
    },
    abort() {
      for (const cut of cuts) cut()
    },
  }
  return transport
}
