import * as v from 'valibot'
import { firstIssue, joinPath, wireIssue, type WireIssue } from './wire-issue'
import { camelCaseKey, isObject, nonEmpty, suspiciousUser, timestamp, unknownFields, userData } from './wire-fields'

const signalFields = {
  event_id: nonEmpty,
  signal_name: nonEmpty,
  signal_type: v.optional(v.picklist(['default', 'feedback', 'edit', 'standard', 'agent', 'agent_internal'])),
  sentiment: v.nullish(v.picklist(['POSITIVE', 'NEGATIVE'])),
  timestamp: v.optional(timestamp),
  attachment_id: v.nullish(v.string()),
  properties: v.nullish(userData),
}
const signalSchema = v.looseObject(signalFields)

const identifyFields = { user_id: nonEmpty, traits: v.optional(userData) }
const identifySchema = v.looseObject(identifyFields)

export function signalIssue(body: unknown, base: string): WireIssue | undefined {
  return (
    camelCaseKey(body, base) ??
    misplacedText(body, base) ??
    firstIssue(signalSchema, body, base) ??
    missingText(body as v.InferOutput<typeof signalSchema>, base)
  )
}

export function identifyIssue(body: unknown, base: string): WireIssue | undefined {
  return camelCaseKey(body, base) ?? firstIssue(identifySchema, body, base)
}

export function signalFlags(body: Record<string, unknown>, base: string): string[] {
  return unknownFields(body, Object.keys(signalFields), base)
}

export function identifyFlags(body: Record<string, unknown>, base: string): string[] {
  return [...suspiciousUser(body, base), ...unknownFields(body, Object.keys(identifyFields), base)]
}

function misplacedText(body: unknown, base: string): WireIssue | undefined {
  const key = isObject(body) ? ['comment', 'after'].find((name) => Object.hasOwn(body, name)) : undefined
  if (key === undefined) return undefined
  return wireIssue(joinPath(base, key), `belongs inside properties, send properties.${key}`)
}

function missingText(body: v.InferOutput<typeof signalSchema>, base: string): WireIssue | undefined {
  const { comment, after } = body.properties ?? {}
  if (body.signal_type === 'feedback' && (typeof comment !== 'string' || comment.trim() === '')) {
    return wireIssue(joinPath(base, 'properties.comment'), 'a feedback signal needs a non-empty comment')
  }
  // An empty text is an edit too: the user deleted everything.
  if (body.signal_type === 'edit' && typeof after !== 'string') {
    return wireIssue(joinPath(base, 'properties.after'), 'an edit signal needs the text after the edit')
  }
  return undefined
}
