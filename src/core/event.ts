import {
  readAttachments,
  readField,
  readName,
  readObject,
  readProperties,
  readText,
  readTimestamp,
  wrongCall,
} from './checks.js'
import type { RaindropError } from './errors.js'
import { uuid } from './ids.js'
import type { Draft } from './staging.js'
import type { Tally } from './values.js'
import { eventBody, identifyBody } from './wire.js'

/** Characters that an event holds besides its texts, about. */
const EVENT_SIZE = 400

/** Who and what an event is about where the call does not say. */
export interface EventDefaults {
  now(): number
  /** Looked up only where the call names no user: an anonymous id is made by asking for it. */
  readonly userId: string | undefined
  readonly convoId: string | undefined
  /** Something was mended: told, but nothing is lost. */
  readonly onMended: (error: RaindropError) => void
}

/** What a `trackAi` or `track` call says, as a draft. Throws for a wrong call. */
export function readEvent(call: string, id: string, event: unknown, ai: boolean, defaults: EventDefaults): Draft {
  const fields = readObject(call, event)
  const tally: Tally = { chars: 0 }
  const name = readEventName(call, fields)
  const userId = readUser(call, fields, defaults)
  const input = ai ? readText(fields['input'], tally) : undefined
  const output = ai ? readText(fields['output'], tally) : undefined
  if (ai && !input && !output) {
    throw wrongCall(call, 'needs input or output. Pass one of them, or use track() for an event without AI.')
  }
  const at = readTimestamp(call, fields['timestamp'], defaults.now())
  const body = eventBody(
    id,
    {
      event: name,
      userId,
      model: ai ? readText(fields['model'], tally) : undefined,
      input,
      output,
      convoId: ai ? (readName(fields['convoId']) ?? defaults.convoId) : undefined,
      properties: readProperties(readField(fields, 'properties'), tally),
      attachments: readAttachments(call, readField(fields, 'attachments'), tally, defaults.onMended),
    },
    ai,
  )
  return { kind: 'event', ref: id, at, body, token: undefined, size: EVENT_SIZE + tally.chars }
}

/** What an `identify` call says, as a draft. Throws for a wrong call. */
export function readIdentify(user: unknown, anonymousId: () => string | undefined): Draft {
  const fields = readObject('identify', user)
  const userId = readName(fields['userId'])
  if (!userId) throw wrongCall('identify', 'needs a userId. Pass userId: "…".')
  const tally: Tally = { chars: 0 }
  const traits = readProperties(readField(fields, 'traits'), tally)
  const anonymous = anonymousId()
  const body = identifyBody(userId, anonymous === undefined ? traits : { ...traits, anonymous_id: anonymous })
  return { kind: 'identify', ref: userId, at: undefined, body, token: undefined, size: EVENT_SIZE + tally.chars }
}

export function readEventName(call: string, fields: Record<string, unknown>): string {
  const name = readName(fields['event'])
  if (!name) throw wrongCall(call, 'needs an event name, e.g. event: "chat_message".')
  return name
}

export function readUser(
  call: string,
  fields: Record<string, unknown>,
  defaults: Pick<EventDefaults, 'userId'>,
): string {
  const user = readName(fields['userId']) ?? defaults.userId
  if (!user) throw wrongCall(call, 'needs a user. Pass userId, or set one for all: new Raindrop({ userId }).')
  return user
}

/** The caller's own id, or a new one. Never throws: a getter or a `generateId` that does must not cost the event. */
export function eventIdOf(input: unknown, generateId: (() => string) | undefined): string {
  try {
    const given = readName((input as { eventId?: unknown } | undefined)?.eventId)
    if (given !== undefined) return given
    return (generateId && readName(generateId())) ?? uuid()
  } catch {
    return uuid()
  }
}
