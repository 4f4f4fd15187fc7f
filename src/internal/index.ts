/**
 * What the integrations share, with each other and with the client: by name, so that an app holds one copy of it. No public API: it changes
 * without notice.
 *
 * @packageDocumentation
 */
export { createSpanTracing } from '../core/span-tracing'
export { watchStream } from '../core/track-stream'
export { createCalls, type Call, type CallEnd, type Calls, type ChooseTracing } from './calls'
export { quietly } from './quietly'
export { readUsage, type Usage } from './usage'
export { withoutUndefined } from './without-undefined'
