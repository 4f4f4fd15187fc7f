import { hasFailed, maxKeyLength } from './inspector-tables'

export const eventStates = ['open', 'finished', 'failed'] as const
export type EventState = (typeof eventStates)[number]

/** What the list is narrowed to; all that is given must hold. */
export interface EventFilter {
  user?: string
  convo?: string
  name?: string
  model?: string
  /** Name of a signal that the event has. */
  signal?: string
  state?: EventState
  /** Words in input or output, each as the beginning of one; or an event id. */
  text?: string
}

const names = ['user', 'convo', 'name', 'model', 'signal', 'text'] as const
const longest = 512

/** From the query of a URL; an empty value is none. */
export function readFilter(parameters: URLSearchParams): EventFilter {
  const given = names.flatMap((name) => {
    const value = parameters.get(name)?.trim().slice(0, longest)
    return value ? [[name, value] as const] : []
  })
  const state = eventStates.find((name) => name === parameters.get('state'))
  return { ...Object.fromEntries(given), ...(state && { state }) }
}

const states: Record<EventState, string> = {
  open: 'e.pending',
  finished: 'not e.pending',
  failed: hasFailed('e.body'),
}

/** Conditions on `events e`, without the text; `parameter` takes a value and gives its placeholder. */
export function conditions(filter: EventFilter, parameter: (value: unknown) => string): string[] {
  const { user, convo, name, model, signal, state } = filter
  const is = (column: string, value: string | undefined) =>
    value === undefined ? [] : [`${column} = ${parameter(value.slice(0, maxKeyLength))}`]
  const signals = is('s.name', signal).map(
    (condition) => `exists (select 1 from signals s where s.event_id = e.event_id and ${condition})`,
  )
  return [
    ...is('e.user_id', user),
    ...is('e.convo_id', convo),
    ...is('e.name', name),
    ...is('e.model', model),
    ...signals,
    ...(state ? [states[state]] : []),
  ]
}
