import type { Forwarding } from './forwarding.js'
import type { Intake } from './intake.js'
import type { Interactions } from './interactions.js'
import type { Pipeline } from './pipeline.js'
import type { Reporter } from './reporter.js'

export interface RelayDoorDeps {
  readonly pipeline: Pipeline
  readonly intake: Intake
  readonly interactions: Interactions
  readonly reporter: Reporter
}

export type CreateForwarding = (deps: RelayDoorDeps) => Forwarding

/** Where `raindrop-js/relay` hands in what other clients made. */
export const createRelayDoor: CreateForwarding = ({ pipeline: { queue }, intake, interactions, reporter }) => ({
  forward({ id, kind, ref, body, size }) {
    const refusal = intake.refusal() ?? (intake.isReleased ? 'shutdown' : undefined)
    if (refusal) {
      queue.reject(refusal)
      return Promise.resolve(refusal)
    }
    return new Promise((onOver) => {
      // Somebody waits for it: as urgent as feedback.
      intake.enqueue({ kind, ref, at: undefined, body, token: undefined, size, forwardedId: id }, true, onOver)
    })
  },
  async store() {
    await queue.persist()
    return queue.stats().storage
  },
  load: () => queue.load,
  begun: interactions.get,
  tell: reporter.tell,
})
