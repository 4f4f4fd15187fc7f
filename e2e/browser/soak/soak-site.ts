import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundled } from '../support/site'

/** What a page tells by a channel that has nothing to do with the SDK. */
export interface Note {
  readonly kind: 'durable' | 'ended' | 'stats' | 'said'
  readonly round: number
  readonly dropped?: Readonly<Record<string, number>>
  readonly pending?: number
}

export interface SoakSite {
  /** A page that does by itself what `way` says, `rounds` times. */
  url(plan: { way: string; rounds: number; relay: string; first?: number }): string
  next(kind: Note['kind'], timeoutMs: number): Promise<Note>
  /** Rounds whose listener of pagehide is known to have run: a beacon may be lost, too. */
  readonly said: ReadonlySet<number>
  close(): Promise<void>
}

/** Runs in the page. A round tracks nine events and, as the page goes away, a tenth. */
const script = `
const plan = JSON.parse(new URLSearchParams(location.search).get('plan'))
const round = Number(sessionStorage.getItem('round') ?? plan.first ?? 0)
const note = (body) => fetch('/note', { method: 'POST', body: JSON.stringify({ round, ...body }) })
const quiet = plan.way === 'drain' ? {} : { uploadIntervalMs: 60000, uploadSize: 10000 }
const rd = new raindropJs.Raindrop({ relay: plan.relay, requestTimeoutMs: 3000, onError() {}, ...(plan.way === 'flush' ? {} : quiet) })
const track = (index) => rd.track({ event: 'soak', userId: 'u', eventId: round + '-' + index })
const nine = () => { for (let index = 0; index < 9; index++) track(index) }
const lastWords = () => addEventListener('pagehide', () => {
  track(9)
  navigator.sendBeacon('/note', JSON.stringify({ round, kind: 'said' }))
})
// In the same browser, which goes on: what is left of the pages before leaves now.
const end = async () => {
  await note({ kind: 'ended' })
  location.href = '/soak?' + new URLSearchParams({ plan: JSON.stringify({ ...plan, way: 'drain' }) })
}
const nextRound = () => sessionStorage.setItem('round', round + 1)
const elsewhere = location.href.replace('127.0.0.1', 'localhost').replace('/soak', '/bounce')
const ways = {
  async kill() { nine(); track(9); await rd.persist(); await note({ kind: 'durable' }) },
  async flush() { nine(); track(9); await rd.persist(); await note({ kind: 'durable' }); void rd.flush() },
  async burst() { nine(); track(9); nextRound(); location.reload() },
  async reload() { nine(); await rd.persist(); lastWords(); nextRound(); location.reload() },
  async leave() { nine(); await rd.persist(); lastWords(); nextRound(); location.href = elsewhere },
  async child() { nine(); await rd.persist(); lastWords(); opener.postMessage('ready', '*') },
  async close() {
    for (let at = 0; at < plan.rounds; at++) {
      const query = new URLSearchParams({ plan: JSON.stringify({ ...plan, way: 'child', first: at }) })
      const child = open('/soak?' + query, '', 'width=300,height=300')
      await new Promise((resolve) => addEventListener('message', resolve, { once: true }))
      child.close()
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    await end()
  },
  async drain() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { pending, dropped } = rd.stats()
      await note({ kind: 'stats', pending, dropped })
    }
  },
}
if (plan.way !== 'drain' && round >= plan.rounds) setTimeout(end, 500)
else ways[plan.way]()
`

const page = `<!doctype html><meta charset="utf-8"><title>soak</title><link rel="icon" href="data:,">
<script src="/sdk.js"></script><script>${script}</script>`

/** Of another site; sends back where it came from. */
const bounce = `<!doctype html><link rel="icon" href="data:,">
<script>setTimeout(() => (location.href = location.href.replace('localhost', '127.0.0.1').replace('/bounce', '/soak')), 100)</script>`

export async function createSoakSite(): Promise<SoakSite> {
  const sdk = await bundled()
  const said = new Set<number>()
  const waiting = new Map<Note['kind'], (note: Note) => void>()
  const server = createServer((message, response) => {
    const { pathname } = new URL(message.url ?? '/', 'http://site')
    if (pathname !== '/note') {
      response.writeHead(200, { 'content-type': pathname === '/sdk.js' ? 'text/javascript' : 'text/html' })
      return void response.end(pathname === '/sdk.js' ? sdk : pathname === '/bounce' ? bounce : page)
    }
    let text = ''
    message.on('data', (chunk) => (text += String(chunk)))
    message.on('end', () => {
      response.end()
      const note = JSON.parse(text) as Note
      if (note.kind === 'said') said.add(note.round)
      waiting.get(note.kind)?.(note)
      waiting.delete(note.kind)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    said,
    url: (plan) => `${origin}/soak?${new URLSearchParams({ plan: JSON.stringify(plan) })}`,
    next: (kind, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`the page told no "${kind}" within ${timeoutMs} ms`)),
          timeoutMs,
        )
        waiting.set(kind, (note) => {
          clearTimeout(timer)
          resolve(note)
        })
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
