import type { SpanCall } from './ports.js'
import type { Json } from './types.js'
import { toJson } from './values.js'

// Names of the receiver: traceloop.* and ai.* are what Raindrop reads, gen_ai.* what OpenTelemetry agreed on. Our own constants, since
// the published ones are deprecated with each renaming.

const ASSOCIATION = 'traceloop.association.properties.'

/** What a span says, at its end. */
export interface SpanContent {
  readonly call: SpanCall
  readonly name: string
  readonly eventId: string | undefined
  readonly userId: string | undefined
  readonly event: string | undefined
  readonly convoId: string | undefined
  readonly input: Json | undefined
  readonly output: Json | undefined
  readonly properties: Readonly<Record<string, Json>>
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

const KINDS: Record<SpanCall['kind'], Attributes> = {
  interaction: { 'traceloop.span.kind': 'workflow', 'ai.operationId': 'ai.interaction' },
  task: { 'traceloop.span.kind': 'task', 'ai.operationId': 'ai.task' },
  tool: {
    'traceloop.span.kind': 'tool',
    'ai.operationId': 'ai.toolCall',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.type': 'function',
  },
}
/** Where the name stands as well. */
const NAMES: Record<SpanCall['kind'], readonly string[]> = {
  interaction: ['traceloop.workflow.name'],
  task: [],
  tool: ['ai.toolCall.name', 'gen_ai.tool.name'],
}

const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** `cap` cuts what is too long. */
export function spanAttributes(content: SpanContent, cap: (text: string) => string): Attributes {
  const { call, name, eventId, userId, event, convoId, error } = content
  const attributes: Attributes = { ...KINDS[call.kind], 'traceloop.entity.name': name }
  const set = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) attributes[key] = value
  }
  for (const key of NAMES[call.kind]) set(key, name)
  set('traceloop.entity.version', call.options?.version)
  if (content.input !== undefined) set('traceloop.entity.input', cap(text(content.input)))
  if (content.output !== undefined) set('traceloop.entity.output', cap(text(content.output)))
  set('traceloop.entity.duration_ms', Math.round(content.durationMs))
  for (const [key, value] of Object.entries(content.properties)) set(ASSOCIATION + key, cap(text(value)))
  // After the properties: what joins a span to its event cannot be overwritten by one.
  Object.assign(attributes, associationAttributes({ id: eventId, userId, event, convoId }))
  set('error.type', error?.type)
  set('error.message', error && cap(error.message))
  return attributes
}

/** What joins a span to its event. */
export function associationAttributes({ id, userId, event, convoId }: Association): Attributes {
  const all: Record<string, string | undefined> = {
    [`${ASSOCIATION}event_id`]: id,
    [`${ASSOCIATION}user_id`]: userId,
    [`${ASSOCIATION}event_name`]: event,
    [`${ASSOCIATION}convo_id`]: convoId,
    'ai.telemetry.metadata.raindrop.eventId': id,
    'gen_ai.conversation.id': convoId,
  }
  const attributes: Attributes = {}
  for (const key in all) if (all[key] !== undefined) attributes[key] = all[key]
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
    type: typeof name === 'string' && name !== '' && name !== 'Error' ? name : className(thrown),
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
