import type { FeedbackState, FeedbackTarget } from 'raindrop-js'
import { createContext, type RefObject, useContext } from 'react'
import type { Calls } from './calls'
import type { FeedbackLabels } from './labels'
import type { UseSignalOptions } from './use-signal'

export interface GroupOptions extends UseSignalOptions {
  /** Ask for a comment: never, after a thumbs-down, or after any vote. Default 'down'. */
  comment?: false | 'down' | 'always' | undefined
  /** Keeps its space but cannot be pressed while the message streams. */
  streaming?: boolean | undefined
  labels?: Partial<FeedbackLabels> | undefined
}

/** A chosen reason: what the chip says, and the vote that it goes with. */
export interface Reason {
  readonly text: string
  readonly for?: 'up' | 'down' | undefined
}

/** What a group shows besides what was said. */
export interface View {
  /** The target that it is about: another one begins anew. */
  readonly key?: string | undefined
  /** What the panel asks for. */
  readonly panel?: 'comment' | 'edit' | null
  /** What was done last in this group, told for a moment. */
  readonly notice?: 'thanks' | 'undone' | 'copied' | null
  readonly draft: string
  /** Chosen reasons by id. */
  readonly reasons: Readonly<Record<string, Reason>>
  /** What was written in the editor; undefined until something was. */
  readonly edited?: string | undefined
  /** A part of it has, or had, the focus. */
  readonly wasFocused?: boolean | undefined
  /** The status has been there for a moment: what it says from now on is heard. */
  readonly isListening?: boolean | undefined
}

/** What outlives a render and is not drawn. */
export interface Places {
  readonly status: RefObject<HTMLElement | null>
  readonly panel: RefObject<HTMLElement | null>
  /** The target that was drawn last. */
  key?: string | undefined
  /** The group; there once it had the focus. */
  root?: HTMLElement
  /** What opened the panel, and gets the focus back. */
  opener?: HTMLElement
  /** The text that the editor began with, and who wants to know what became of it. */
  editing?: { readonly output: string; readonly onSave: ((after: string) => void) | undefined }
  /** Something was sent again, and it is not known yet what became of it. */
  isRetrying?: boolean
  noticeTimer?: ReturnType<typeof setTimeout>
}

/** What the parts of one group share. */
export interface Group {
  readonly target: FeedbackTarget | null
  readonly options: GroupOptions
  readonly labels: Required<FeedbackLabels>
  readonly state: FeedbackState
  /** There is nothing to vote on yet. */
  readonly isDisabled: boolean
  readonly view: View
  readonly places: Places
  change(next: Partial<View>): void
  calls(): Calls
}

export const GroupContext = createContext<Group | null>(null)

export function useGroup(): Group {
  const group = useContext(GroupContext)
  if (group) return group
  throw new Error('Put <Feedback.Root> around it.')
}
