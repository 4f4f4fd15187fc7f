/** How questions are answered: by a model with the passages as its context, or by quoting them. */
export type AnswerMode = { kind: 'model'; model: string } | { kind: 'quotes'; model: 'extractive' }

export function answerMode(): AnswerMode {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL } = process.env
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return { kind: 'quotes', model: 'extractive' }
  return { kind: 'model', model: OPENAI_MODEL || 'gpt-5-mini' }
}
