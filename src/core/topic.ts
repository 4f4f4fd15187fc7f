import type { DropReason, FeedbackState, Json, Sentiment, SignalInput } from './types.js'

export type Vote = FeedbackState['vote']

/** What can be said about a target, once each. In the order in which it is sent. */
export const SLOTS = ['vote', 'comment', 'edit'] as const
export type Slot = (typeof SLOTS)[number]

/** The last signal of a slot. */
export interface Said {
  readonly id: string
  /** The signal that it replaces or takes back. */
  readonly target?: string
  readonly clears?: true
  /** Votes: what it says, and what stood before it. */
  readonly value?: Vote
  readonly stood?: Vote
  /** `waiting`: for the token. */
  state: 'waiting' | 'queued' | 'delivered' | 'failed'
  reason?: DropReason
  /** For another try; kept until it is delivered. */
  signal?: SignalInput<{}>
}

/** A vote that may still change. */
export interface Hold {
  /** Of the signal that it becomes: whoever sends it, this page or the next, it is one signal. */
  readonly id: string
  /** Milliseconds since 1970: the moment of the vote, and the end of the hold. */
  readonly at: number
  readonly until: number
  readonly properties?: Record<string, Json> | undefined
}

/** Everything that one user said about one event, or one attachment of it. Plain data: it is written to disk as it is. */
export interface Topic {
  readonly eventId: string
  readonly attachmentId?: string | undefined
  token?: string
  /** A token was announced and is not there yet. */
  awaitsToken?: boolean
  /** Known from the server only: nothing was said in this browser. */
  restored?: boolean
  /** Milliseconds since 1970 of the last change. */
  at: number
  vote: Vote
  comment?: string
  reasons?: readonly string[]
  after?: string
  said: Partial<Record<Slot, Said>>
  /** Slots that `undo` takes back, newest last. */
  order: readonly Slot[]
  hold?: Hold
  /** Other signals that wait for the token. */
  waiting?: SignalInput<{}>[]
}

export const RETRACTION = 'feedback_retracted'

export function topicKey({ eventId, attachmentId }: Pick<Topic, 'eventId' | 'attachmentId'>): string {
  return attachmentId === undefined ? eventId : `${eventId}#${attachmentId}`
}

export function voteName(vote: Vote): string {
  return vote === 'up' ? 'thumbs_up' : 'thumbs_down'
}

export function sentimentOf(vote: Vote): Sentiment | undefined {
  return vote === null ? undefined : vote === 'up' ? 'POSITIVE' : 'NEGATIVE'
}

/** What the receiver knows, or will know once what is queued has arrived. */
export function standing(said: Said | undefined): { readonly id: string | undefined; readonly value: Vote } {
  if (!said) return { id: undefined, value: null }
  if (said.state === 'failed' || said.state === 'waiting') return { id: said.target, value: said.stood ?? null }
  return said.clears ? { id: undefined, value: null } : { id: said.id, value: said.value ?? null }
}

/** Nothing is said, and nothing that was said is on its way. */
export function isBlank({ vote, hold, said, waiting }: Topic): boolean {
  return vote === null && !hold && !waiting && SLOTS.every((slot) => !said[slot])
}

/** Not yet where it should be. */
export function isUnsettled(topic: Topic): boolean {
  return isOnlyHere(topic) || SLOTS.some((slot) => topic.said[slot] && topic.said[slot].state !== 'delivered')
}

/** Nothing but this holds it: forgotten, it would be lost. */
export function isOnlyHere({ hold, said, waiting }: Topic): boolean {
  return Boolean(hold || waiting) || SLOTS.some((slot) => said[slot]?.state === 'waiting')
}

/** Without what no `beforeSend` has seen yet: the vote is kept, texts and properties are not. */
export function withoutTexts({ comment: _c, after: _a, reasons: _r, waiting: _w, hold, said, ...topic }: Topic): Topic {
  const kept: Topic['said'] = {}
  for (const slot of SLOTS) {
    const known = said[slot]
    if (!known || (slot !== 'vote' && known.state === 'waiting')) continue
    const { signal, ...bare } = known
    const { replaces, retracts } = signal?.properties ?? {}
    kept[slot] =
      slot === 'vote' && signal ? { ...bare, signal: { ...signal, properties: { replaces, retracts } } } : bare
  }
  const { properties: _p, ...bareHold } = hold ?? {}
  return { ...topic, said: kept, ...(hold && { hold: bareHold as Hold }) }
}

/** What an app may render of it. */
export function stateOf(topic: Topic): FeedbackState {
  const { vote, comment, reasons, after, hold, said } = topic
  const all = SLOTS.flatMap((slot) => said[slot] ?? [])
  const has = (state: Said['state']): Said | undefined => all.find((each) => each.state === state)
  const failed = has('failed')
  return {
    vote,
    ...(comment !== undefined && { comment }),
    ...(reasons && { reasons }),
    ...(after !== undefined && { after }),
    delivery:
      hold || has('waiting')
        ? 'held'
        : failed
          ? 'failed'
          : has('queued')
            ? 'queued'
            : has('delivered')
              ? 'delivered'
              : 'idle',
    ...(!hold && failed?.reason && { reason: failed.reason }),
  }
}

/** How much an edit changed: characters between the common start and the common end of the two texts. */
export function changeOf(before: string, after: string): { added: number; removed: number } {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  return { added: after.length - start - end, removed: before.length - start - end }
}
