import { useState } from 'react'

export interface Draft {
  readonly text: string
  /** Chosen reasons: id → what the chip says. */
  readonly reasons: ReadonlyMap<string, string>
}

const EMPTY: Draft = { text: '', reasons: new Map() }

/** The comment being written about `key`. Another target begins with an empty one. */
export function useDraft(key: string | undefined) {
  const [kept, keep] = useState({ key, draft: EMPTY })
  const draft = kept.key === key ? kept.draft : EMPTY
  const change = (next: (draft: Draft) => Draft) =>
    keep((before) => ({ key, draft: next(before.key === key ? before.draft : EMPTY) }))
  return {
    draft,
    setText: (text: string) => change((before) => ({ ...before, text })),
    toggleReason: (id: string, label: string) =>
      change((before) => {
        const reasons = new Map(before.reasons)
        if (!reasons.delete(id)) reasons.set(id, label)
        return { ...before, reasons }
      }),
    clear: () => change(() => EMPTY),
  }
}
