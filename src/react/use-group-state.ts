import type { FeedbackTarget } from 'raindrop-js'
import { useEffect, useRef, useState } from 'react'
import type { Editing, Group, Mode, Notice } from './group'
import type { FeedbackLabels } from './labels'
import { useProvided } from './provider'
import { useSignal, type UseSignalOptions } from './use-signal'

/** How long an outcome is told, and can be undone by a button of its own. */
const NOTICE_MS = 6_000

export interface GroupOptions extends UseSignalOptions {
  /** Ask for a comment: never, after a thumbs-down, or after any vote. Default 'down'. */
  comment?: false | 'down' | 'always' | undefined
  /** Keeps its space but cannot be pressed while the message streams. */
  streaming?: boolean | undefined
  labels?: Partial<FeedbackLabels> | undefined
}

/** One group of feedback parts: what is said, what is open, what is told, and where the focus goes. */
export function useGroupState(target: FeedbackTarget | null, options: GroupOptions): Group {
  const { comment = 'down' } = options
  const { labels } = useProvided()
  const signal = useSignal(target, options)
  const [panel, setPanel] = useState<Mode | null>(null)
  const [notice, tell] = useState<Notice | null>(null)
  const [edited, setEdited] = useState<string>()
  const [wasFocused, setWasFocused] = useState(false)
  const opener = useRef<HTMLElement | null>(null)
  const editing = useRef<Editing | null>(null)
  const root = useRef<HTMLElement>(null)
  const status = useRef<HTMLElement>(null)
  const isDisabled = options.streaming || !target
  const canSend = panel === 'edit' ? Boolean(edited?.trim()) : !signal.getSubmitProps().disabled
  const isUntouched = panel === 'edit' ? edited === undefined : !canSend

  useEffect(() => {
    if (!notice) return
    const timer = setInterval(() => {
      // Not away from under a finger.
      if (!root.current?.querySelector('[data-raindrop=undo]:focus')) tell(null)
    }, NOTICE_MS)
    return () => clearInterval(timer)
  }, [notice])

  // A panel with nothing in it is in the way of who turns elsewhere; one with words in it stays.
  useEffect(() => {
    if (!panel || !isUntouched) return
    const closeOutside = ({ target: place }: Event) => {
      if (!root.current?.contains(place as Node)) setPanel(null)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [panel, isUntouched])

  function conclude(outcome: Notice | null): void {
    setPanel(null)
    tell(outcome)
    ;(status.current ?? opener.current)?.focus()
  }

  function open(mode: Mode, from: HTMLElement): void {
    opener.current = from
    setPanel(mode)
  }

  function close(): void {
    setPanel(null)
    opener.current?.focus()
  }

  function saveEdit(): void {
    const { output, onSave } = editing.current ?? {}
    if (edited === undefined || edited === output) return close()
    signal.edit(edited, output)
    setEdited(undefined)
    conclude('thanks')
    onSave?.(edited)
  }

  return {
    signal,
    labels: options.labels ? { ...labels, ...options.labels } : labels,
    isDisabled,
    // One that has the focus would lose it by `disabled`.
    disabledProps: isDisabled ? { 'aria-disabled': true, ...(!wasFocused && { disabled: true }) } : {},
    data: {
      'data-vote': signal.state.vote ?? undefined,
      'data-pending': signal.isPending ? '' : undefined,
      'data-error': signal.error ? '' : undefined,
    },
    panel: isDisabled ? null : panel,
    notice,
    canSend,
    edited,
    setEdited,
    noteFocus: () => setWasFocused(true),
    editing,
    root,
    status,
    tell,
    press(vote, button) {
      if (isDisabled) return
      const isOn = signal.state.vote !== vote
      signal.vote(vote)
      tell(isOn ? 'thanks' : null)
      if (isOn && (comment === 'always' || comment === vote)) open('comment', button)
      else setPanel(null)
    },
    open,
    close,
    send() {
      if (panel === 'edit') saveEdit()
      else if (signal.submit()) conclude('thanks')
    },
    undo() {
      signal.undo()
      conclude('undone')
    },
    retry() {
      signal.retry()
      conclude(null)
    },
  }
}
