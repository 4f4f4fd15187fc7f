/**
 * React bindings: a provider, hooks, and feedback under a message as one component or in parts. They receive a client and bring none.
 *
 * @packageDocumentation
 */
export { Feedback } from './feedback'
export { FeedbackButtons, type FeedbackButtonsProps, type FeedbackReason } from './feedback-buttons'
export type { FeedbackLabels } from './labels'
export { RaindropProvider, type RaindropProviderProps } from './provider'
export { type InteractionControls, useInteraction } from './use-interaction'
export { useRaindrop } from './use-raindrop'
export { useRaindropState } from './use-raindrop-state'
export { type Signal, useSignal, type UseSignalOptions } from './use-signal'
