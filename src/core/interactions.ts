import type { TrackedInteraction } from './interaction.js'
import type { Cancel, Clock } from './ports.js'

/** The handles of this process, and when the changed ones are to be sent. */
export interface Interactions {
  get(id: string): TrackedInteraction | undefined
  add(interaction: TrackedInteraction): void
  changed(interaction: TrackedInteraction): void
  finished(interaction: TrackedInteraction): void
  /** Hands everything unsent to the queue. */
  stageAll(): void
}

/** Live or recently finished handles that `resumeInteraction(id)` finds. */
const MAX_HANDLES = 10_000

export function createInteractions(clock: Clock, debounceMs: () => number): Interactions {
  const handles = new Map<string, TrackedInteraction>()
  /** When each changed one is due; in the order of the last change, so that the first is due first. */
  const due = new Map<TrackedInteraction, number>()
  let cancel: Cancel | undefined

  function stageDue(): void {
    cancel = undefined
    const now = clock.elapsed()
    for (const [interaction, at] of due) {
      if (at > now) break
      stage(interaction)
    }
    arm()
  }

  function arm(): void {
    const first = due.values().next()
    if (cancel || first.done) return
    cancel = clock.after(Math.max(0, first.value - clock.elapsed()), stageDue)
  }

  function stage(interaction: TrackedInteraction): void {
    due.delete(interaction)
    interaction.stage()
  }

  return {
    get: (id) => handles.get(id),
    add(interaction) {
      handles.set(interaction.id, interaction)
      if (handles.size <= MAX_HANDLES) return
      const [oldest] = handles.values()
      if (!oldest) return
      handles.delete(oldest.id)
      stage(oldest)
    },
    changed(interaction) {
      due.delete(interaction)
      due.set(interaction, clock.elapsed() + debounceMs())
      arm()
    },
    finished(interaction) {
      due.delete(interaction)
    },
    stageAll() {
      for (const interaction of [...due.keys()]) stage(interaction)
    },
  }
}
