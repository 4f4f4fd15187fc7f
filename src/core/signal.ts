import {
  readField,
  readName,
  readObject,
  readProperties,
  readSentiment,
  readText,
  readTimestamp,
  wrongCall,
} from './checks.js'
import type { Draft } from './staging.js'
import type { Json } from './types.js'
import type { Tally } from './values.js'
import { signalBody } from './wire.js'

const TYPES: readonly unknown[] = ['default', 'standard', 'feedback', 'edit', 'agent', 'agent_internal']

/** What a `trackSignal` call says, as a draft. Throws for a wrong call. */
export function readSignal(signal: unknown, signalId: string, now: number): Draft {
  const call = 'trackSignal'
  const input = readObject(call, signal)
  const eventId = readName(input['eventId'])
  if (!eventId) throw wrongCall(call, 'needs an eventId. Pass the id that trackAi() or begin().id gave.')
  const name = readName(input['name'])
  if (!name) throw wrongCall(call, 'needs a name, e.g. name: "thumbs_up".')
  const type = input['type'] ?? 'default'
  if (!TYPES.includes(type)) throw wrongCall(call, `type must be one of ${TYPES.join(', ')}.`)
  const tally: Tally = { chars: 0 }
  const properties: Record<string, Json> = { ...readProperties(readField(input, 'properties'), tally) }
  for (const key of ['comment', 'after', 'before']) {
    const text = readText(input[key], tally)
    if (text !== undefined) properties[key] = text
  }
  if (type === 'feedback' && !isText(properties['comment'])) {
    throw wrongCall(call, 'type "feedback" needs a comment. Pass comment: "…", or use type "default".')
  }
  if (type === 'edit' && typeof properties['after'] !== 'string') {
    throw wrongCall(call, 'type "edit" needs the text after the edit. Pass after: "…", or use type "default".')
  }
  properties['$signal_id'] = signalId
  const body = signalBody({
    eventId,
    name,
    type: type as string,
    sentiment: readSentiment(call, input['sentiment']),
    attachmentId: readName(input['attachmentId']),
    properties,
  })
  const at = readTimestamp(call, input['timestamp'], now)
  return { kind: 'signal', ref: signalId, at, body, token: readName(input['token']), size: tally.chars + 300 }
}

/** The caller's own id, or a new one. Never throws. */
export function signalIdOf(signal: unknown, newId: () => string): string {
  try {
    return readName((signal as { signalId?: unknown }).signalId) ?? newId()
  } catch {
    return newId()
  }
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
