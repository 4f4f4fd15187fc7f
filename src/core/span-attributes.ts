import type { SpanCall } from './ports.js'
import type { Json } from './types.js'
import { toJson } from './values.js'

// Names of the receiver: traceloop.* and ai.* are what Raindrop reads, gen_ai.* what OpenTelemetry agreed on. Our own constants, since
// the published ones are deprecated with each renaming.

/** What a span says, at its end. */
export interface SpanContent {
  readonly call: SpanCall
  readonly name: string
  readonly owner: Association
  readonly input: Json | undefined
  readonly output: Json | undefined
  readonly properties: Readonly<Record<string, Json>> | undefined
  readonly durationMs: number
  readonly error: SpanError | undefined
}

export interface SpanError {
  readonly type: string
  readonly message: string
  readonly stack: string | undefined
}

/** An interaction, as far as it is known. */
export interface Association {
  readonly id: string | undefined
  readonly userId: string | undefined
  readonly event: string | undefined
  readonly convoId: string | undefined
}

export type Attributes = Record<string, string | number>

const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

function kindAttributes(kind: SpanCall['kind'], name: string): Attributes {
  switch (kind) {
    case 'interaction':
      return {
        'traceloop.span.kind': 'workflow',
        'ai.operationId': 'ai.interaction',
        'traceloop.entity.name': name,
        'traceloop.workflow.name': name,
      }
    case 'task':
      return { 'traceloop.span.kind': 'task', 'ai.operationId': 'ai.task', 'traceloop.entity.name': name }
    case 'tool':
      return {
        'traceloop.span.kind': 'tool',
        'ai.operationId': 'ai.toolCall',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.type': 'function',
        'traceloop.entity.name': name,
        'ai.toolCall.name': name,
        'gen_ai.tool.name': name,
      }
  }
}

/** `cap` cuts what is too long. Names are written out: put together at run time they would cost more than the span. */
export function spanAttributes(content: SpanContent, cap: (text: string) => string): Attributes {
  const { call, name, owner, input, output, properties, error } = content
  const attributes = kindAttributes(call.kind, name)
  if (call.options?.version !== undefined) attributes['traceloop.entity.version'] = call.options.version
  if (input !== undefined) attributes['traceloop.entity.input'] = cap(text(input))
  if (output !== undefined) attributes['traceloop.entity.output'] = cap(text(output))
  attributes['traceloop.entity.duration_ms'] = Math.round(content.durationMs)
  associate(attributes, owner)
  if (error) {
    attributes['error.type'] = error.type
    attributes['error.message'] = cap(error.message)
  }
  // Last, since a tracer outside drops what is too many.
  for (const key in properties) attributes[`traceloop.association.properties.${key}`] = cap(text(properties[key]!))
  // Again: what joins a span to its event cannot be overwritten by a property.
  return associate(attributes, owner)
}

/** Adds what joins a span to its event. */
export function associate(attributes: Attributes, { id, userId, event, convoId }: Association): Attributes {
  if (id !== undefined) {
    attributes['traceloop.association.properties.event_id'] = id
    attributes['ai.telemetry.metadata.raindrop.eventId'] = id
  }
  if (userId !== undefined) attributes['traceloop.association.properties.user_id'] = userId
  if (event !== undefined) attributes['traceloop.association.properties.event_name'] = event
  if (convoId !== undefined) {
    attributes['traceloop.association.properties.convo_id'] = convoId
    attributes['gen_ai.conversation.id'] = convoId
  }
  return attributes
}

/** What was thrown, whatever it is. Never throws. */
export function describeError(thrown: unknown): SpanError {
  const json = toJson(thrown)
  if (typeof json !== 'object' || json === null || Array.isArray(json) || !('message' in json)) {
    return { type: typeof thrown, message: text(json ?? null), stack: undefined }
  }
  const { name, message, stack } = json
  return {
    type: typeof name === 'string' && name && name !== 'Error' ? name : className(thrown),
    message: text(message ?? ''),
    stack: typeof stack === 'string' ? stack : undefined,
  }
}

/** Many errors are told apart by their class only. */
function className(thrown: unknown): string {
  try {
    return (thrown as Error).constructor.name || 'Error'
  } catch {
    // No constructor, or one that is not to be read.
    return 'Error'
  }
}

/** As OpenTelemetry records an exception. */
export function exceptionAttributes({ type, message, stack }: SpanError, cap: (text: string) => string): Attributes {
  return {
    'exception.type': type,
    'exception.message': cap(message),
    ...(stack === undefined ? {} : { 'exception.stacktrace': cap(stack) }),
  }
}
