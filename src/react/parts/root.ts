import { type FocusEvent, forwardRef, type HTMLAttributes, type KeyboardEvent, type ReactElement } from 'react'
import { jsx } from 'react/jsx-runtime'
import { closePanel } from '../actions'
import { type Group, GroupContext, type GroupOptions } from '../group'
import { type Part, type PartOf, usePart } from '../part'
import { type GroupTarget, useGroupState } from '../use-group-state'

export interface RootProps
  extends GroupTarget, GroupOptions, Omit<HTMLAttributes<HTMLElement>, 'onChange' | 'property'> {}

/** The group itself. What only an open panel needs is there with it. */
export const root: PartOf = {
  name: 'root',
  tag: 'div',
  own: (group) => ({
    role: 'group',
    'aria-label': group.labels.group,
    onFocus({ currentTarget }: FocusEvent<HTMLElement>) {
      group.places.root = currentTarget
      if (!group.view.wasFocused) group.change({ wasFocused: true })
    },
    onKeyDown: group.view.panel ? (event: KeyboardEvent) => closeOnEscape(group, event) : undefined,
  }),
}

function closeOnEscape(group: Group, event: KeyboardEvent): void {
  // Escape ends an input method's composition first.
  if (event.key !== 'Escape' || event.nativeEvent.isComposing || !group.places.panel.current) return
  event.preventDefault()
  closePanel(group)
}

/** A named group of feedback on one event, or on one attachment of it. */
export const Root = forwardRef<HTMLElement, RootProps>((props, ref): ReactElement => {
  const group = useGroupState(props)
  const children = usePart(root, group, { ...props, onChange: undefined }, ref)
  return jsx(GroupContext.Provider, { value: group, children })
}) as unknown as Part<RootProps>
