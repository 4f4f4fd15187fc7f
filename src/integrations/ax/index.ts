/**
 * DSPy programs in TypeScript (`@ax-llm/ax`), or any object with `forward` or `streamingForward`, as interactions: input, output, model,
 * tokens, finish reason, errors and tool calls. Imports neither Ax nor OpenTelemetry.
 *
 * @packageDocumentation
 */
export { createRaindropAx } from './create-raindrop-ax'
export type { RaindropAx, RaindropAxOptions, WrapOptions } from './types'
