/**
 * What the integrations share with the client: by name, so that an app holds one copy of it. No public API: it changes without notice.
 *
 * @packageDocumentation
 */
export { createSpanTracing } from '../core/span-tracing'
export { watchStream } from '../core/track-stream'
export { isGenerator, resumedInFrame, TRACING_DOOR } from '../core/tracing'
export type { IntegratedInteraction, IntegrationDoor } from '../core/integration'
export type { Frame, SpanCall, SpanIds, Tracing, TracingHost } from '../core/ports'
