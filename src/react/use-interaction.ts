import type { BeginInput, FinishInput, Interaction } from 'raindrop-js'
import { useMemo, useRef, useState } from 'react'
import { useLatest } from './use-latest'
import { useRaindrop } from './use-raindrop'

/** The interaction of a component: what it is now, and what begins, takes up and ends it. */
export interface InteractionControls {
  readonly interaction: Interaction | null
  readonly eventId: string | null
  readonly status: 'idle' | 'active' | 'finished'
  /** Begins one with `defaults` and `input`; the one before is left as it is. */
  begin(input?: Partial<BeginInput>): Interaction
  /** Attaches to an interaction that the server began. */
  resume(eventId: string): Interaction
  /** Finishes the current one; without one it does nothing. */
  finish(final?: string | FinishInput): void
}

/**
 * One interaction owned by a component. Nothing is sent by mounting, also under StrictMode, and unmounting does not finish it.
 * @example
 * const { begin, finish } = useInteraction({ event: 'chat_message' })
 * async function ask(input: string) {
 *   begin({ input })
 *   finish(await answer(input))
 * }
 */
export function useInteraction(defaults?: Partial<BeginInput>): InteractionControls {
  const client = useRaindrop()
  const latest = useLatest(defaults)
  const current = useRef<Interaction | null>(null)
  const [shown, show] = useState<{ readonly interaction: Interaction } | null>(null)

  const controls = useMemo(() => {
    const attach = (interaction: Interaction): Interaction => {
      current.current = interaction
      show({ interaction })
      return interaction
    }
    return {
      // Without an event name the client says what is missing, as for any other wrong call.
      begin: (input?: Partial<BeginInput>) => attach(client.begin({ ...latest.current, ...input } as BeginInput)),
      resume: (eventId: string) => attach(client.resumeInteraction(eventId)),
      finish(final?: string | FinishInput) {
        const interaction = current.current
        if (!interaction) return
        interaction.finish(final)
        show({ interaction })
      },
    }
  }, [client, latest])

  const interaction = shown?.interaction ?? null
  return {
    ...controls,
    interaction,
    eventId: interaction?.id ?? null,
    status: interaction ? (interaction.finished ? 'finished' : 'active') : 'idle',
  }
}
