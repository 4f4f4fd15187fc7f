import type { IntegratedInteraction, IntegrationDoor } from '../core/integration'
import type { Frame, Tracing } from '../core/ports'
import { isGenerator, resumedInFrame, TRACING_DOOR } from '../core/tracing'
import type { BeginInput, FinishInput, ManualSpan, Properties, ToolCall } from '../core/types'
import { quietly } from './quietly'
import { addUsage, type Usage } from './usage'
import { withoutUndefined } from './without-undefined'

export interface CallStart {
  /** Names the span. */
  readonly name: string
  readonly event?: string | undefined
  readonly userId?: string | undefined
  readonly convoId?: string | undefined
  /** The user and the conversation count for the interaction that the call joins, too. */
  readonly insistent?: boolean
  readonly input: unknown
  readonly model?: string | undefined
  /** The interaction that the call is known to run in, where contexts cannot tell. */
  readonly within?: IntegratedInteraction | undefined
}

export interface CallEnd {
  readonly output?: unknown
  readonly model?: string | undefined
  readonly properties?: Properties
  readonly aborted?: boolean
  readonly failure?: { readonly error: unknown }
}

/** One call of a program or a model. Nothing in it throws but what `run` is given. */
export interface Call {
  readonly interaction: IntegratedInteraction
  /** Runs `fn` with the interaction as the current one; its steps, where it gives a generator. */
  run<T>(fn: () => T): T
  /** Adds to what the interaction used. */
  use(usage: Usage): void
  tool(call: ToolCall): void
  /** Only the first end counts. */
  end(end: CallEnd): void
}

export interface Calls {
  /** Throws where the client cannot take it: look `quietly`, and let the call go on unseen. */
  start(start: CallStart): Call
}

/** What the calls in one interaction used together. */
interface Account {
  readonly usage: Usage
  /** The interaction is that of a call, not of the app: what else runs in it is a step of that call. */
  readonly owned: boolean
}

/** What spans are recorded with, by what the client offers. */
export type ChooseTracing = (door: IntegrationDoor) => Tracing | undefined

/** Calls become interactions: in a current interaction they join it, in that of another call they are its steps. */
export function createCalls(raindrop: object, chooseTracing: ChooseTracing): Calls {
  const accounts = new WeakMap<object, Account>()
  let tracing: Tracing | undefined

  function start(start: CallStart): Call {
    const door = (raindrop as { readonly [TRACING_DOOR]: IntegrationDoor })[TRACING_DOOR]
    const { contexts } = door.host
    tracing ??= chooseTracing(door)
    const { event = 'ai_generation', userId, convoId, input, model } = start
    const current = [door.current(), start.within].find((around) => around && !around.finished)
    const interaction = current ?? door.begin(withoutUndefined({ event, userId, convoId, input, model }) as BeginInput)
    if (current?.event && start.insistent) restate(raindrop, current, start)
    const account = accounts.get(interaction) ?? { usage: {}, owned: !current }
    accounts.set(interaction, account)
    const span = tracing?.start({ kind: 'task', name: start.name, own: interaction }).recordInput(input)
    // With a plug-in the client says so itself.
    if (span && !door.tracing) interaction.setProperty('trace_id', span.traceId)
    const frame: Frame = { parent: contexts.get(), current: interaction, ...(span && { span: span.ids }) }
    const used: Usage = {}
    let ended = false

    return {
      interaction,
      run(fn) {
        const result = contexts.run(frame, fn)
        return isGenerator(result) ? resumedInFrame(result, (step) => contexts.run(frame, step)) : result
      },
      use(usage) {
        addUsage(used, usage)
        addUsage(account.usage, usage)
      },
      tool: (call) =>
        quietly(() =>
          contexts.run(frame, () =>
            tracing?.record('error' in call ? { ...call, error: thrown(call.error) } : call, interaction),
          ),
        ),
      end({ failure, ...how }) {
        if (ended) return
        ended = true
        const end = failure ? { ...how, failure: { error: thrown(failure.error) } } : how
        quietly(() => span && closeSpan(span, used, end))
        if (interaction.finished) return
        if (!current) quietly(() => finish(interaction, account, end))
        else if (!account.owned) quietly(() => join(interaction, account, start, end))
      },
    }
  }

  return { start }
}

/** `begin` with the id of a live interaction amends that. */
function restate(raindrop: object, { id, event, userId, convoId }: IntegratedInteraction, start: CallStart): void {
  const input = { eventId: id, event, userId: start.userId ?? userId, convoId: start.convoId ?? convoId }
  ;(raindrop as { begin(input: unknown): unknown }).begin(input)
}

function closeSpan(span: ManualSpan, used: Usage, { output, model, properties, failure }: CallEnd): void {
  if (output !== undefined) span.recordOutput(output)
  span.setProperties({ model, ...properties, ...usageProperties(used) }).end(failure)
}

function finish(interaction: IntegratedInteraction, { usage }: Account, end: CallEnd): void {
  const { output, model } = end
  interaction.finish({ output, model, properties: propertiesOf(usage, end) } as FinishInput)
}

/** The app's own words count: what it says of input, output and model goes first. */
function join(interaction: IntegratedInteraction, { usage }: Account, { input }: CallStart, end: CallEnd): void {
  const { output, model } = end
  interaction.setProperties(propertiesOf(usage, end))
  interaction.offer({ input, output, model })
}

function propertiesOf(usage: Usage, { properties, aborted, failure }: CallEnd): Properties {
  return {
    ...properties,
    ...usageProperties(usage),
    ...(failure && quietly(() => errorProperties(failure.error))),
    ...(aborted && { aborted }),
  }
}

function usageProperties({ prompt, completion }: Usage): Properties {
  return { 'ai.usage.prompt_tokens': prompt, 'ai.usage.completion_tokens': completion }
}

/** Nothing can be thrown, too: that is an error nevertheless. */
function thrown(error: unknown): unknown {
  return error ?? new Error(`${String(error)} was thrown.`)
}

/** Libraries minify the names of their classes, so that a name of its own goes first. */
function errorProperties(error: unknown): Properties {
  const { name, message, constructor } = Object(error) as Partial<Error>
  const type = name && name !== 'Error' ? name : constructor?.name
  const properties = { 'error.type': type, 'error.message': message === undefined ? String(error) : message }
  return /abort/i.test(type ?? '') ? { ...properties, aborted: true } : properties
}
