import type { AnswerEnd, AnswerPart } from '../../server/answer/answer-part'
import type { Answer, ConversationSummary, StoredFeedback, Turn } from '../../server/conversations/conversation'

/** An answer on the page. It is there before the server has given it an id. */
export interface ShownAnswer extends Omit<Answer, 'eventId'> {
  key: string
  eventId: string | null
  /** Lets this page judge the answer. */
  token?: string
  /** What is being done for it just now. */
  step?: Extract<AnswerPart, { kind: 'step' }>
}

export interface ShownTurn extends Omit<Turn, 'answers'> {
  answers: readonly ShownAnswer[]
}

/** What was said in this visit; conversations that were not touched are only where the server put them. */
export interface ChatState {
  list: readonly ConversationSummary[]
  turns: Readonly<Record<string, readonly ShownTurn[]>>
  /** The one that was open last, to come back to. */
  current: string | null
}

export type ChatEvent =
  | { type: 'opened'; convoId: string | null; turns: readonly ShownTurn[] | undefined }
  | { type: 'asked'; convoId: string; turn: ShownTurn }
  | { type: 'asked again'; convoId: string; turnId: string; answer: ShownAnswer }
  | { type: 'answer changed'; convoId: string; key: string; change: Partial<ShownAnswer> }
  | { type: 'removed'; convoId: string }

export const newAnswer = (key: string): ShownAnswer => ({
  key,
  eventId: null,
  status: 'open',
  text: '',
  sources: [],
  model: '',
  feedback: {},
})

const isOpen = ({ status }: ShownAnswer) => status === 'open'

export const openAnswer = (turns: readonly ShownTurn[]) => turns.flatMap(({ answers }) => answers).find(isOpen)

export const isBusy = (turns: readonly ShownTurn[]) => openAnswer(turns) !== undefined

export function changeChat(state: ChatState, event: ChatEvent): ChatState {
  const { convoId } = event
  const known = (convoId && state.turns[convoId]) || []
  const put = (turns: readonly ShownTurn[]) => ({ ...state, turns: { ...state.turns, [convoId!]: turns } })
  switch (event.type) {
    case 'opened':
      // What was said here is newer than what the page brought along.
      return { ...(known.length === 0 && event.turns ? put(event.turns) : state), current: convoId }
    case 'asked':
      return { ...put([...known, event.turn]), list: listed(state.list, event), current: convoId }
    case 'asked again':
      return put(
        known.map((turn) =>
          turn.turnId === event.turnId ? { ...turn, answers: [...turn.answers, event.answer] } : turn,
        ),
      )
    case 'answer changed':
      return put(known.map((turn) => changeAnswer(turn, event.key, event.change)))
    case 'removed': {
      const { [event.convoId]: _, ...turns } = state.turns
      const list = state.list.filter((one) => one.convoId !== convoId)
      return { list, turns, current: state.current === convoId ? null : state.current }
    }
  }
}

const changeAnswer = (turn: ShownTurn, key: string, change: Partial<ShownAnswer>): ShownTurn =>
  turn.answers.some((answer) => answer.key === key)
    ? { ...turn, answers: turn.answers.map((answer) => (answer.key === key ? { ...answer, ...change } : answer)) }
    : turn

/** The conversation that was spoken in last comes first. */
function listed(list: ChatState['list'], { convoId, turn }: Extract<ChatEvent, { type: 'asked' }>): ChatState['list'] {
  const title = list.find((one) => one.convoId === convoId)?.title ?? turn.question
  return [{ convoId, title }, ...list.filter((one) => one.convoId !== convoId)]
}

/** What a part of the stream says about the answer, its text aside. */
export function changeOf(part: Exclude<AnswerPart, { kind: 'text' }> | AnswerEnd): Partial<ShownAnswer> {
  switch (part.kind) {
    case 'step':
      return { step: part }
    case 'sources':
      return { sources: part.sources }
    case 'end':
      return { status: part.status, ...(part.error && { error: part.error }) }
  }
}

/** As a page brings it from the server. */
export interface ShownConversation {
  convoId: string
  turns: readonly ShownTurn[]
}

/** Votes by event id, or `eventId#attachmentId`, as the provider takes them. */
export const votesOf = (turns: readonly ShownTurn[]): Record<string, Pick<StoredFeedback, 'vote'>> =>
  Object.fromEntries(
    turns
      .flatMap(({ answers }) => answers)
      .flatMap(({ eventId, feedback }) =>
        Object.entries(feedback).map(([target, { vote }]) => [
          target ? `${eventId}#${target}` : `${eventId}`,
          { vote },
        ]),
      ),
  )
