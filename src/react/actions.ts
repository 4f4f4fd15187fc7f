import type { Group, Reason, View } from './group'

/** How long an outcome is told, and can be undone by a button of its own. */
const NOTICE_MS = 6_000

/** What the status says. */
export const outcomeOf = ({ state, view }: Group) => (state.delivery === 'failed' ? 'failed' : view.notice)

export function tell({ change, places }: Group, notice: View['notice']): void {
  const end = () => {
    // Not away from under a finger.
    if (document.activeElement?.matches('[data-raindrop=undo]')) later()
    else change({ notice: null })
  }
  const later = () => (places.noticeTimer = setTimeout(end, NOTICE_MS))
  clearTimeout(places.noticeTimer)
  places.isRetrying = false
  if (notice) later()
  change({ notice })
}

function conclude(group: Group, notice: View['notice']): void {
  const { change, places } = group
  change({ panel: null })
  tell(group, notice)
  ;(places.status.current ?? places.opener)?.focus()
}

export function press(group: Group, vote: 'up' | 'down', button: HTMLElement): void {
  const { comment = 'down' } = group.options
  if (group.isDisabled) return
  const isOn = group.state.vote !== vote
  group.calls().vote(vote)
  tell(group, isOn ? 'thanks' : null)
  openPanel(group, isOn && (comment === 'always' || comment === vote) ? 'comment' : null, button)
}

export function openPanel({ change, places }: Group, panel: View['panel'], opener: HTMLElement): void {
  places.opener = opener
  change({ panel })
}

/** What is drawn now: what began under another target changes nothing any more. */
export function noteKey({ places }: Group, key: string | undefined): void {
  places.key = key
}

/** After each change: what had the focus may be gone with it. */
export function keepFocus({ change, places, view, isDisabled }: Group, focused: Element | null | undefined): void {
  // It would open again later, and take the focus from wherever that is then.
  if (isDisabled && view.panel) change({ panel: null })
  if (focused?.isConnected === false && document.activeElement === document.body) {
    ;(places.opener ?? places.status.current)?.focus()
  }
}

export function closePanel({ change, places }: Group): void {
  change({ panel: null })
  places.opener?.focus()
}

/** Whether a reason goes with the vote. */
export const isFitting = ({ state }: Group, reason: Pick<Reason, 'for'>): boolean =>
  !reason.for || reason.for === state.vote

/** What was chosen and can be seen: the vote may have changed since, here or elsewhere. */
const chosen = (group: Group) => Object.entries(group.view.reasons).filter(([, reason]) => isFitting(group, reason))

/** Whether the panel has something to submit. */
export function canSubmit(group: Group): boolean {
  const { view, isDisabled } = group
  const text = view.panel === 'edit' ? view.edited : view.draft
  return !isDisabled && Boolean(text?.trim() || (view.panel === 'comment' && chosen(group).length))
}

/** Submits what the panel asks for. */
export function submit(group: Group): void {
  const { change, places, view } = group
  const { output, onSave } = places.editing ?? {}
  if (!canSubmit(group)) return
  if (view.panel !== 'edit') {
    const reasons = chosen(group)
    const text = view.draft.trim() || reasons.map(([, reason]) => reason.text).join(', ')
    group.calls().comment(text, { reasons: reasons.map(([id]) => id) })
    change({ draft: '', reasons: {} })
    return conclude(group, 'thanks')
  }
  if (view.edited === output) return closePanel(group)
  group.calls().edit(view.edited!, output)
  change({ edited: undefined })
  conclude(group, 'thanks')
  onSave?.(view.edited!)
}

export function undo(group: Group): void {
  group.calls().undo()
  conclude(group, 'undone')
}

export function retry(group: Group): void {
  group.calls().retry()
  conclude(group, null)
  group.places.isRetrying = true
}

/** After each change: tells what was sent again and arrived. */
export function afterRetry(group: Group): void {
  const { places, state } = group
  if (!places.isRetrying || !/^(delivered|idle)$/.test(state.delivery)) return
  tell(group, state.vote || state.comment || state.after ? 'thanks' : 'undone')
}
