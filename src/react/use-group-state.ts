import type { FeedbackTarget } from 'raindrop-js'
import { createRef, useState } from 'react'
import { afterRetry, keepFocus, noteKey, outcomeOf } from './actions'
import { createCalls } from './calls'
import type { Group, GroupOptions, Places, View } from './group'
import { withLabels } from './labels'
import { useProvided } from './provider'
import { keyOf, useFeedbackState } from './use-feedback-state'
import { useBrowserLayoutEffect } from './use-latest'

export interface GroupTarget extends Omit<FeedbackTarget, 'eventId'> {
  /** Not known yet while a message streams: null disables the group. */
  eventId: string | null | undefined
}

const AT_REST: View = { draft: '', reasons: {} }

const createPlaces = (): Places => ({ status: createRef(), panel: createRef() })

/** The view of `key`. The focus stays where it is when a message gets its id. */
const viewOf = (view: View, key: string | undefined): View =>
  view.key === key ? view : { ...AT_REST, key, wasFocused: view.wasFocused, isListening: view.isListening }

/** The target, if there is one. A token that is given as undefined is one that is still to come. */
function targetOf(given: GroupTarget): FeedbackTarget | null {
  const { eventId, attachmentId, token } = given
  return eventId ? { eventId, attachmentId, ...('token' in given && { token }) } : null
}

/** Many groups are drawn at once, and few are touched: what is not needed to draw one at rest is left to its parts. */
export function useGroupState(options: GroupTarget & GroupOptions): Group {
  const { client, labels } = useProvided()
  const target = targetOf(options)
  const key = keyOf(target)
  const state = useFeedbackState(target, options.onChange)
  const [view, setView] = useState(AT_REST)
  const [places] = useState(createPlaces)
  const group: Group = {
    target,
    options,
    labels: options.labels ? withLabels(labels, options.labels) : labels,
    state,
    isDisabled: options.streaming || !target,
    view: viewOf(view, key),
    places,
    // Not by what began under another target.
    change: (next) => places.key === key && setView((before) => ({ ...viewOf(before, key), ...next })),
    calls: () =>
      createCalls(
        () => target && client.feedback(target),
        () => options,
      ),
  }
  // Read before it changes.
  const focused = places.root?.contains(document.activeElement) ? document.activeElement : null
  useBrowserLayoutEffect(() => {
    noteKey(group, key)
    keepFocus(group, focused)
    afterRetry(group)
    if (outcomeOf(group) && !group.view.isListening) requestAnimationFrame(() => group.change({ isListening: true }))
  })
  return group
}
