/** What can be read off a program, its options or its result, of whatever library it is. Each may throw. */

/** How a span calls it. Libraries minify the names of their classes, so that only a class of the app counts. */
export function nameOf(program: object): string | undefined {
  const { name, getId, constructor } = program as { name?: unknown; getId?: unknown; constructor?: { name?: string } }
  if (typeof name === 'string' && name) return name
  const id: unknown = typeof getId === 'function' ? getId.call(program) : undefined
  if (typeof id === 'string' && id && id !== 'root') return id
  const className = constructor?.name ?? ''
  return className.length > 2 && className !== 'Object' ? className : undefined
}

/** The model that the call or the program is configured with, the nearest first. */
export function modelOf(...sources: readonly unknown[]): string | undefined {
  for (const source of sources) {
    const { model, lm, llm } = Object(source) as { model?: unknown; lm?: unknown; llm?: unknown }
    if (typeof model === 'string' && model) return model
    const inner = (lm ?? llm) === undefined ? undefined : modelOf(lm, llm)
    if (inner !== undefined) return inner
  }
  return undefined
}

export function finishReasonOf(result: unknown): string | undefined {
  const { finishReason, finish_reason: finish } = Object(result) as { finishReason?: unknown; finish_reason?: unknown }
  const reason = finishReason ?? finish
  return typeof reason === 'string' ? reason : undefined
}
