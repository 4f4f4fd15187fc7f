import type { EndEvent, ErrorEvent, Message, StartEvent, Step } from './events'

/** What was asked: the user's last words, not the whole conversation, which the events before it hold. */
export function inputOf({ messages, prompt, value, query, text }: StartEvent): unknown {
  const said = messages?.length ? messages : prompt
  if (said === undefined || typeof said === 'string') return said ?? value ?? query ?? text
  const last = said.findLast(({ role }) => role === 'user') ?? said.at(-1)
  return last && textOf(last.content)
}

function textOf(content: Message['content']): string {
  if (typeof content === 'string') return content
  return content.map(({ type, text }) => (type === 'text' ? (text ?? '') : `[${type}]`)).join('\n')
}

export function outputOf({ object, embedding, ranking, ...end }: EndEvent): unknown {
  if (object !== undefined) return object
  if (embedding) return describeVectors(embedding)
  return textOfSteps([...(end.steps ?? []), end]) ?? ranking
}

/** The last text; where the model only called tools, their calls. */
export function textOfSteps(steps: readonly Step[]): unknown {
  const text = steps.findLast((step) => step.text)?.text
  return text ?? steps.findLast(({ toolCalls }) => toolCalls?.length)?.toolCalls
}

/** What an error tells of the answer that it could not read. */
export function answerIn({ error, recordOutputs }: ErrorEvent): Pick<EndEvent, 'text' | 'usage' | 'finishReason'> {
  const { text, usage, finishReason } = Object(error) as Record<string, unknown>
  return {
    ...(typeof text === 'string' && recordOutputs !== false && { text }),
    ...(typeof finishReason === 'string' && { finishReason }),
    usage,
  }
}

/** Vectors say nothing to a reader, and are long. */
function describeVectors(embedding: readonly unknown[]): string | undefined {
  const [first] = embedding
  if (Array.isArray(first)) return `[${embedding.length} embeddings of ${first.length} dimensions]`
  return embedding.length > 0 ? `[embedding of ${embedding.length} dimensions]` : undefined
}
