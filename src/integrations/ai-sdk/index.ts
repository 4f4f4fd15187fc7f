/**
 * Calls of the Vercel AI SDK as interactions: input, output, model, provider, tokens, finish reason, time to the first output, errors, aborts
 * and tool calls. Imports no AI SDK.
 *
 * @packageDocumentation
 */
export { messageMetadata, type MessageMetadata } from './message-metadata'
export { raindropTelemetry } from './raindrop-telemetry'
