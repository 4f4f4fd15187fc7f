import type { Cancel, Clock, Transport } from './ports.js'
import type { WireBody } from './types.js'
import { directProtocol, type Kind, type Outgoing } from './wire.js'

/** Shows everything to a local debugger. One try, no key, no project; silent when nothing listens. */
export interface Mirror {
  add(kind: Kind, body: WireBody): void
}

/** Bodies that wait while the debugger is slow; the oldest go first. */
const MAX_WAITING = 500
const GATHER_MS = 50
const TIMEOUT_MS = 2_000

export function createMirror(url: string, transport: Transport, clock: Clock): Mirror {
  const protocol = directProtocol(url, {})
  let waiting: Outgoing[] = []
  let sending = false
  let cancel: Cancel | undefined

  async function send(): Promise<void> {
    cancel = undefined
    if (sending) return
    sending = true
    while (waiting.length > 0) {
      const kind = waiting[0]!.header.kind
      const end = waiting.findIndex(({ header }) => !protocol.together(kind, header.kind))
      const count = end < 0 ? waiting.length : Math.max(1, end)
      // What becomes of it is of no interest: the records themselves are on their way to the ingest.
      await transport.send(protocol.request(waiting.splice(0, count)), TIMEOUT_MS)
    }
    sending = false
  }

  return {
    add(kind, body) {
      if (waiting.length >= MAX_WAITING) waiting = waiting.slice(1)
      waiting.push({ header: { v: 1, id: '', kind, ref: '' }, bodyJson: JSON.stringify(body) })
      cancel ??= clock.after(GATHER_MS, () => void send())
    },
  }
}
