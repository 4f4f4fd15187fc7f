import type { Contribution, Counters } from './counters'

/** What of a stored event its counters depend on, and nothing else: the same row always counts the same. */
export interface CountedEvent {
  receivedAt: Date
  pending: boolean
  body: Record<string, unknown>
}

export function eventContribution({ receivedAt, pending, body }: CountedEvent): Contribution {
  const ai = asObject(body.ai_data)
  const properties = asObject(body.properties)
  const isInteraction = pending || body.ai_data !== undefined
  return {
    at: receivedAt,
    model: typeof ai.model === 'string' ? ai.model.slice(0, 256) : '',
    counters: {
      events: 1,
      interactions: Number(isInteraction),
      open_interactions: Number(pending),
      errors: Number(errorOf(properties) !== undefined),
      input_tokens: tokens(properties, ['ai.usage.prompt_tokens', 'gen_ai.usage.input_tokens']),
      output_tokens: tokens(properties, ['ai.usage.completion_tokens', 'gen_ai.usage.output_tokens']),
      ...delay(receivedAt, body.timestamp),
    },
  }
}

/** The message of an error that the event names, or its type; undefined where all went well. */
function errorOf(properties: Record<string, unknown>): string | undefined {
  const found = properties['error.message'] ?? properties['error.type']
  return typeof found === 'string' && found !== '' ? found : undefined
}

const asObject = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>

/** A sender may claim any number; one that is no count is none. */
function tokens(properties: Record<string, unknown>, names: readonly string[]): number {
  const value = names.map((name) => properties[name]).find((found) => found !== undefined)
  return typeof value === 'number' && Number.isSafeInteger(Math.round(value)) && value > 0 && value < 1e9
    ? Math.round(value)
    : 0
}

const steps = [
  ['delay_1s', 1_000],
  ['delay_10s', 10_000],
  ['delay_1m', 60_000],
  ['delay_10m', 600_000],
  ['delay_1h', 3_600_000],
] as const

/** From the sender's clock to ours: a clock that runs ahead counts as no delay. */
function delay(receivedAt: Date, timestamp: unknown): Counters {
  const sentAt = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  if (Number.isNaN(sentAt)) return {}
  const step = steps.find(([, most]) => receivedAt.getTime() - sentAt <= most)
  return { [step?.[0] ?? 'delay_more']: 1 }
}
