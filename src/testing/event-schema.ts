import * as v from 'valibot'
import type { WireIssue } from './wire-issue'
import { firstIssue, joinPath } from './wire-issue'
import { camelCaseKey, isObject, nonEmpty, suspiciousUser, timestamp, unknownFields, userData } from './wire-fields'

const optionalText = v.nullish(v.string())

const attachment = v.looseObject({
  type: v.picklist(['code', 'text', 'image', 'iframe']),
  role: v.picklist(['input', 'output']),
  value: v.string(),
  name: optionalText,
  language: optionalText,
  attachment_id: optionalText,
})

const aiFields = { model: optionalText, input: optionalText, output: optionalText, convo_id: optionalText }
const partialAiData = v.looseObject(aiFields)
const aiData = v.pipe(
  partialAiData,
  v.check((data) => Boolean(data.input) || Boolean(data.output), 'needs a non-empty input or output'),
)

const shared = {
  timestamp: v.optional(timestamp),
  properties: v.optional(userData),
  attachments: v.nullish(v.array(attachment)),
  feature_flags: v.optional(v.record(v.string(), v.string())),
  is_pending: v.optional(v.boolean()),
}

const eventSchema = v.looseObject({
  ...shared,
  event_id: v.optional(nonEmpty),
  event: nonEmpty,
  user_id: nonEmpty,
  ai_data: v.optional(aiData),
})

const partialSchema = v.looseObject({
  ...shared,
  event_id: nonEmpty,
  event: v.optional(nonEmpty),
  user_id: v.optional(nonEmpty),
  ai_data: v.optional(partialAiData),
})

const eventKeys = ['event_id', 'event', 'user_id', 'timestamp', 'properties', 'attachments', 'ai_data', 'feature_flags']
const aiKeys = Object.keys(aiFields)

export function eventIssue(body: unknown, base: string): WireIssue | undefined {
  return camelCaseInEvent(body, base) ?? firstIssue(eventSchema, body, base)
}

export function partialIssue(body: unknown, base: string): WireIssue | undefined {
  return camelCaseInEvent(body, base) ?? firstIssue(partialSchema, body, base)
}

export function eventFlags(body: Record<string, unknown>, base: string): string[] {
  const { $context: context } = (body.properties ?? {}) as { $context?: { library?: unknown } }
  const anonymousSender = context?.library === undefined || context.library === null
  return [
    ...commonFlags(body, eventKeys, base),
    ...(anonymousSender ? [`${joinPath(base, 'properties.$context.library')}: is missing`] : []),
  ]
}

export function partialFlags(body: Record<string, unknown>, base: string): string[] {
  return commonFlags(body, [...eventKeys, 'is_pending'], base)
}

function commonFlags(body: Record<string, unknown>, keys: readonly string[], base: string): string[] {
  return [
    ...suspiciousUser(body, base),
    ...unknownFields(body, keys, base),
    ...unknownFields(body.ai_data, aiKeys, joinPath(base, 'ai_data')),
  ]
}

/** Top level, ai_data and attachments; never inside properties, where the names are the user's own. */
function camelCaseInEvent(body: unknown, base: string): WireIssue | undefined {
  if (!isObject(body)) return undefined
  const attachments = Array.isArray(body.attachments) ? body.attachments : []
  const places: ReadonlyArray<readonly [unknown, string]> = [
    [body, base],
    [body.ai_data, joinPath(base, 'ai_data')],
    ...attachments.map((item, index) => [item, joinPath(joinPath(base, 'attachments'), index)] as const),
  ]
  for (const [object, at] of places) {
    const issue = camelCaseKey(object, at)
    if (issue !== undefined) return issue
  }
  return undefined
}
