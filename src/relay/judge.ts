import type { Forwarding } from '../core/forwarding.js'
import { isAnonymousId } from '../core/ids.js'
import type { WireBody } from '../core/types.js'
import { checkBody } from './body-shapes.js'
import { createRecent } from './recent.js'
import type { RejectReason, RelayRecord } from './record.js'
import { identifier } from './shape.js'
import { namedInSpans } from './span-shape.js'
import type { FeedbackTokens, TokenVerdict } from './tokens.js'

/** A record that may pass. */
export interface Passed {
  readonly body: WireBody
  /** What reports call it. */
  readonly ref: string
  readonly size: number
}

/** Decides whether a record may pass for the user who asks: undefined where nobody is signed in. */
export type Judge = (record: RelayRecord, user: string | undefined) => Promise<Passed | RejectReason>

type Grant = Extract<TokenVerdict, { ok: true }>

/** Events of browsers whose users are remembered. */
const MAX_OWNERS = 10_000
const VOTES: readonly unknown[] = ['thumbs_up', 'thumbs_down']
/** The signal that takes another one back. */
const RETRACTION = 'feedback_retracted'

/** Whether a token is good for a signal: by its name, or since it takes back or changes one that it was good for. */
function allows({ signals }: Grant, { signal_name: name, properties }: WireBody): boolean {
  if (!signals || signals.includes(name as string)) return true
  if (name === RETRACTION) return typeof properties?.['retracts'] === 'string'
  return (
    VOTES.includes(name) &&
    typeof properties?.['replaces'] === 'string' &&
    signals.some((allowed) => VOTES.includes(allowed))
  )
}

/** Whether a body adds properties or attachments and leaves everything else of its event as it is. */
function isAddition(body: WireBody, owner: string | undefined): boolean {
  const data: unknown[] = Object.values((body['ai_data'] ?? {}) as object)
  const isSilent = ['event', 'timestamp', 'feature_flags'].every((field) => body[field] === undefined)
  return (
    isSilent && data.every((value) => value === null) && (body['user_id'] === undefined || body['user_id'] === owner)
  )
}

export function createJudge(tokens: FeedbackTokens | undefined, client: Forwarding): Judge {
  /** Whose events came through here. What another instance let through, this one does not know. */
  const owners = createRecent<string>(MAX_OWNERS)

  function isForeign(eventId: unknown, user: string): boolean {
    const id = String(eventId)
    const owner = client.begun(id)?.userId ?? owners.get(id)
    return owner !== undefined && owner !== user && !isAnonymousId(owner)
  }

  /** What a token grants. Without one, or without a secret to check it by, nothing. */
  async function granted(
    token: string | undefined,
    user: string | undefined,
  ): Promise<Grant | RejectReason | undefined> {
    if (token === undefined || !tokens) return undefined
    const verdict = await tokens.verify(token, { subject: user })
    return verdict.ok ? verdict : verdict.reason
  }

  function signalFault(body: WireBody, grant: Grant | undefined, user: string | undefined): RejectReason | undefined {
    if (grant) {
      // Which event is meant, the token alone says.
      body['event_id'] = grant.eventId
      return allows(grant, body) ? undefined : 'wrong_signal'
    }
    if (user === undefined) return 'needs_token'
    return identifier(body['event_id']) ?? (isForeign(body['event_id'], user) ? 'wrong_user' : undefined)
  }

  function eventFault(body: WireBody, grant: Grant | undefined, user: string | undefined): RejectReason | undefined {
    const { event_id: eventId, user_id: named } = body as { event_id: string; user_id?: string }
    if (user === undefined) return 'wrong_user'
    if (grant && grant.eventId !== eventId) return 'wrong_event'
    if (isForeign(eventId, user) || isOther(named, user)) return 'wrong_user'
    // Begun on the server, as far as can be told: by the token, by this process, or since it names no user.
    const begun = client.begun(eventId)
    if (grant || begun || named === undefined)
      return isAddition(body, begun?.userId ?? grant?.subject) ? undefined : 'read_only'
    owners.set(eventId, named)
    return undefined
  }

  function spansFault(body: WireBody, user: string | undefined): RejectReason | undefined {
    if (user === undefined) return 'wrong_user'
    const { users, events } = namedInSpans(body)
    return users.some((named) => isOther(named, user)) || events.some((id) => isForeign(id, user))
      ? 'wrong_user'
      : undefined
  }

  function faultOf(
    { kind }: RelayRecord,
    body: WireBody,
    grant: Grant | undefined,
    user: string | undefined,
  ): RejectReason | undefined {
    switch (kind) {
      case 'signal':
        return signalFault(body, grant, user)
      case 'event':
      case 'partial':
        return eventFault(body, grant, user)
      case 'identify':
        return user === undefined || isOther(body['user_id'], user) ? 'wrong_user' : undefined
      case 'spans':
        return spansFault(body, user)
    }
  }

  return async (record, user) => {
    const checked = checkBody(record.kind, record.body)
    if (typeof checked === 'string') return checked
    const grant = await granted(record.token, user)
    if (typeof grant === 'string') return grant
    const fault = faultOf(record, checked.body, grant, user)
    return fault ?? { ...checked, ref: refOf(record, checked.body) }
  }
}

/** Neither the user who asks nor one without a name. */
function isOther(named: unknown, user: string): boolean {
  return named !== undefined && named !== user && !(typeof named === 'string' && isAnonymousId(named))
}

function refOf({ kind, id }: RelayRecord, body: WireBody): string {
  switch (kind) {
    case 'signal':
      return (body.properties?.['$signal_id'] as string | undefined) ?? id
    case 'event':
    case 'partial':
      return body['event_id'] as string
    case 'identify':
      return body['user_id'] as string
    case 'spans':
      return namedInSpans(body).traceId || id
  }
}
