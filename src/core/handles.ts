import { readObject, readTimestamp } from './checks.js'
import { readEventName, readUser, type EventDefaults } from './event.js'
import { readHeaders, type IncomingHeaders } from './headers.js'
import type { Intake } from './intake.js'
import type { IntegrationDoor } from './integration.js'
import { TrackedInteraction, type InteractionHost } from './interaction.js'
import type { Interactions } from './interactions.js'
import { currentOf, spanOf } from './tracing.js'

/** Makes and finds the handles of interactions. */
export interface Handles extends Pick<IntegrationDoor, 'current'> {
  begin(input: unknown): TrackedInteraction
  /** For integrations: enters no context, and without any user it is `anonymous`. */
  beginApart: IntegrationDoor['begin']
  resume(id: string | undefined): TrackedInteraction
  resumeFromHeaders(headers: IncomingHeaders): TrackedInteraction
}

export interface HandlesDeps {
  readonly host: InteractionHost
  readonly interactions: Interactions
  readonly intake: Intake
  readonly defaults: EventDefaults
  /** The id that the caller gave, or a new one. */
  readonly eventId: (input: unknown) => string
}

export function createHandles({ host, interactions, intake, defaults, eventId }: HandlesDeps): Handles {
  const { contexts } = host.tracer

  function registered(interaction: TrackedInteraction): TrackedInteraction {
    interactions.add(interaction)
    const span = spanOf(contexts.get())
    if (span) interaction.joinTrace(span)
    return interaction
  }

  /** Begun inside a frame, it is what `resumeInteraction()` finds there. */
  function entered(interaction: TrackedInteraction): TrackedInteraction {
    const frame = contexts.get()
    if (frame) frame.current = interaction
    return interaction
  }

  function begun(id: string, at: number, fields: object): TrackedInteraction {
    const live = interactions.get(id)
    const interaction = live && !live.finished ? live : new TrackedInteraction(host, { id, at })
    interaction.begin(fields)
    return registered(interaction)
  }

  const inert = (id: string): TrackedInteraction => new TrackedInteraction(host, { id, at: undefined, inert: true })

  /** A handle on an event that was begun elsewhere: it knows neither user nor time. */
  function adopted(id: string, trace?: Parameters<TrackedInteraction['joinTrace']>[0]): TrackedInteraction {
    if (!intake.accepts()) return inert(id)
    const interaction = new TrackedInteraction(host, { id, at: undefined, trace })
    interactions.add(interaction)
    return interaction
  }

  const current = (): TrackedInteraction | undefined => currentOf<TrackedInteraction>(contexts)

  function currentOrNew(): TrackedInteraction {
    const found = current()
    if (found) return found
    const id = eventId(undefined)
    if (!intake.accepts()) return entered(inert(id))
    const { userId, convoId } = defaults
    const interaction = new TrackedInteraction(host, { id, at: defaults.now() })
    interaction.describe({ event: 'ai_generation', userId, convoId })
    return entered(registered(interaction))
  }

  return {
    current,
    begin(given) {
      const id = eventId(given)
      const interaction =
        intake.accepts() &&
        intake.guard('begin', () => {
          const input = readObject('begin', given)
          readEventName('begin', input)
          const userId = readUser('begin', input, defaults)
          const at = readTimestamp('begin', input['timestamp'], defaults.now())
          return begun(id, at, { convoId: defaults.convoId, ...input, userId, timestamp: undefined })
        })
      return entered(interaction || inert(id))
    },
    beginApart(fields) {
      const id = eventId(undefined)
      if (!intake.accepts()) return inert(id)
      const { userId = 'anonymous', convoId } = defaults
      return begun(id, defaults.now(), { userId, convoId, ...fields })
    },
    resume: (id) => (id === undefined ? currentOrNew() : (interactions.get(id) ?? adopted(id))),
    resumeFromHeaders(headers) {
      const { eventId: id, trace } = readHeaders(headers)
      if (id === undefined) return currentOrNew()
      const live = interactions.get(id)
      if (live && trace) live.joinTrace(trace)
      return live ?? adopted(id, trace)
    },
  }
}
