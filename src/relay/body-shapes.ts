import { fitsBytes } from '../core/size.js'
import type { WireBody } from '../core/types.js'
import type { Kind } from '../core/wire.js'
import type { RejectReason } from './record.js'
import {
  boolean,
  fields,
  identifier,
  label,
  list,
  nullable,
  oneOf,
  properties,
  text,
  time,
  traits,
  type Shape,
} from './shape.js'
import { spansShape } from './span-shape.js'

/** What the API takes for one event, in UTF-8. */
const MAX_RECORD_BYTES = 1_048_576

const attachment = fields(
  {
    type: oneOf(['code', 'text', 'image', 'iframe']),
    role: oneOf(['input', 'output']),
    value: text,
    name: nullable(text),
    language: nullable(text),
    attachment_id: nullable(identifier),
  },
  ['type', 'role', 'value'],
)

const featureFlags: Shape = (value) =>
  traits(value) ?? (Object.values(value as object).every((flag) => typeof flag === 'string') ? undefined : 'malformed')

const eventFields: Record<string, Shape> = {
  event_id: identifier,
  event: label,
  // Compared with the one who asks, to the letter: what is odd about it is odd on both sides.
  user_id: label,
  timestamp: time,
  properties,
  attachments: nullable(list(attachment)),
  ai_data: fields({ model: nullable(text), input: nullable(text), output: nullable(text), convo_id: nullable(label) }),
  feature_flags: featureFlags,
  is_pending: boolean,
}

const signal = fields(
  {
    // Not an id yet: where there is a token, it is not looked at.
    event_id: label,
    signal_name: label,
    // Agents report from servers.
    signal_type: (value) =>
      value === 'agent' || value === 'agent_internal'
        ? 'wrong_signal'
        : oneOf(['default', 'feedback', 'edit', 'standard'])(value),
    sentiment: nullable(oneOf(['POSITIVE', 'NEGATIVE'])),
    timestamp: time,
    attachment_id: nullable(identifier),
    properties: nullable(properties),
  },
  ['signal_name'],
)

const shapes: Readonly<Record<Kind, Shape>> = {
  event: fields(eventFields, ['event_id', 'event', 'user_id']),
  partial: fields(eventFields, ['event_id']),
  signal,
  identify: fields({ user_id: label, traits }, ['user_id']),
  spans: spansShape,
}

/** What the fields of a signal or event must say together. */
function isComplete(kind: Kind, body: WireBody): boolean {
  if (kind === 'event' && body['ai_data'] !== undefined)
    return Boolean(body['ai_data'].input) || Boolean(body['ai_data'].output)
  const { comment, after } = body.properties ?? {}
  if (body['signal_type'] === 'feedback') return typeof comment === 'string' && comment.trim() !== ''
  return body['signal_type'] !== 'edit' || typeof after === 'string'
}

/** Whether a body is one that a browser may send, with the characters that it takes. */
export function checkBody(kind: Kind, value: unknown): { body: WireBody; size: number } | RejectReason {
  const fault = shapes[kind](value)
  if (fault) return fault
  const body = value as WireBody
  if (!isComplete(kind, body)) return 'malformed'
  // Only now: it walks the value as deep as it goes.
  const json = JSON.stringify(body)
  return fitsBytes(json, MAX_RECORD_BYTES) ? { body, size: json.length } : 'too_large'
}
