/** Tokens, as far as they are known. */
export interface Usage {
  prompt?: number | undefined
  completion?: number | undefined
}

/** `tokens`: of embeddings, which complete nothing. */
const PROMPT = ['promptTokens', 'prompt_tokens', 'inputTokens', 'input_tokens', 'tokens']
const COMPLETION = ['completionTokens', 'completion_tokens', 'outputTokens', 'output_tokens']
/** `{ actor: [{ tokens: { … } }] }`: nobody nests deeper. */
const MAX_DEPTH = 4

export function addUsage(total: Usage, { prompt, completion }: Usage): void {
  if (prompt !== undefined) total.prompt = (total.prompt ?? 0) + prompt
  if (completion !== undefined) total.completion = (total.completion ?? 0) + completion
}

/** The tokens in whatever a library calls usage: one record of it, or a list or an object by model of such records, summed. */
export function readUsage(value: unknown, depth = 0): Usage {
  const total: Usage = {}
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return total
  const prompt = numberAt(value, PROMPT)
  const completion = numberAt(value, COMPLETION)
  if (prompt === undefined && completion === undefined) {
    for (const part of Object.values(value)) addUsage(total, readUsage(part, depth + 1))
  } else addUsage(total, { prompt, completion })
  return total
}

function numberAt(value: object, names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = (value as Record<string, unknown>)[name]
    if (typeof count === 'number') return count
  }
  return undefined
}
