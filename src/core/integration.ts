import type { Offer } from './interaction.js'
import type { SpanOwner } from './ports.js'
import type { TracingDoor } from './tracing.js'
import type { BeginInput, Interaction } from './types.js'

/** An interaction as the integrations of this package see it. */
export interface IntegratedInteraction extends Interaction, SpanOwner {
  /** What the call showed, for what the app leaves open. */
  offer(offer: Offer): void
}

/** What the integrations of this package need beyond the public surface, answered by the client that they were given. */
export interface IntegrationDoor extends TracingDoor {
  /** The interaction of this call chain, finished or not. Makes none. */
  current(): IntegratedInteraction | undefined
  /** Like `begin`, but enters no context, and without any user it is `anonymous`: what a model was asked is never lost for lack of one. */
  begin(fields: BeginInput): IntegratedInteraction
}
