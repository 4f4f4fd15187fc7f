'use client'

import { useCallback, useRef, useState } from 'react'
import { ask, type Source } from '../../app/ask'

/** One question and what came back for it. */
export interface Turn {
  key: number
  question: string
  status: 'searching' | 'answering' | 'done' | 'failed'
  answer: string
  sources: readonly Source[]
  eventId?: string
  error?: string
}

/** The conversation of this visit; a reload begins a new one. */
export function useChatState() {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const convoId = useRef<string>(undefined)
  const isBusy = turns.some(({ status }) => status === 'searching' || status === 'answering')

  const update = useCallback((key: number, change: Partial<Turn>) => {
    setTurns((all) => all.map((turn) => (turn.key === key ? { ...turn, ...change } : turn)))
  }, [])

  const send = useCallback(
    async (question: string) => {
      const key = Date.now()
      setTurns((all) => [...all, { key, question, status: 'searching', answer: '', sources: [] }])
      try {
        const result = await ask(question, convoId.current)
        if (!result.ok) return update(key, { status: 'failed', error: result.error })
        convoId.current = result.convoId
        update(key, { status: 'answering', sources: result.sources, eventId: result.eventId })
        await collect(result.text, (answer) => update(key, { answer }))
        update(key, { status: 'done' })
      } catch {
        update(key, { status: 'failed', error: 'The answer broke off. Ask again.' })
      }
    },
    [update],
  )

  return { turns, isBusy, send }
}

/** Shows the text at most once per frame, however fast its pieces come. */
async function collect(pieces: AsyncIterable<string>, show: (text: string) => void): Promise<void> {
  let text = ''
  let frame = 0
  for await (const piece of pieces) {
    text += piece
    frame ||= requestAnimationFrame(() => {
      frame = 0
      show(text)
    })
  }
  cancelAnimationFrame(frame)
  show(text)
}
