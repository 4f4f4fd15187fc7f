import { createContext, type RefObject, useContext } from 'react'
import type { FeedbackLabels } from './labels'
import type { Signal } from './use-signal'

/** What the panel asks for. */
export type Mode = 'comment' | 'edit'

/** What was done last by this group, told in its status for a moment. */
export type Notice = 'thanks' | 'undone' | 'copied'

/** The text that an editor began with, and who wants to know what became of it. */
export interface Editing {
  readonly output: string
  readonly onSave?: ((after: string) => void) | undefined
}

/** What the parts of one group share. */
export interface Group {
  readonly signal: Signal
  readonly labels: Required<FeedbackLabels>
  /** There is nothing to vote on yet. */
  readonly isDisabled: boolean
  /** Of a button in a group that is disabled. */
  readonly disabledProps: { readonly disabled?: true; readonly 'aria-disabled'?: true }
  /** What styles may look at, on every part. */
  readonly data: Readonly<Record<string, string | undefined>>
  readonly panel: Mode | null
  readonly notice: Notice | null
  readonly canSend: boolean
  /** What was written in the editor; undefined until something was. */
  readonly edited: string | undefined
  setEdited(text: string): void
  readonly editing: RefObject<Editing | null>
  readonly root: RefObject<HTMLElement | null>
  readonly status: RefObject<HTMLElement | null>
  /** A button in the group has, or had, the focus. */
  noteFocus(): void
  tell(notice: Notice): void
  press(vote: 'up' | 'down', button: HTMLElement): void
  /** `opener` gets the focus back. */
  open(mode: Mode, opener: HTMLElement): void
  close(): void
  /** Submits what the panel asks for. */
  send(): void
  undo(): void
  retry(): void
}

export const GroupContext = createContext<Group | null>(null)

export function useGroup(): Group {
  const group = useContext(GroupContext)
  if (group) return group
  throw new Error('raindrop-js/react: a Feedback part needs <Feedback.Root> around it.')
}
