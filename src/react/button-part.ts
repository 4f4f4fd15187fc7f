import type { MouseEvent } from 'react'
import type { Group } from './group'
import type { PartOf } from './part'
import type { AnyProps } from './slot'

/**
 * A button that says what it does, in a word: what who brings no icon sees; the styles draw one over some. Disabled in a way that does not
 * take the focus from where it is, and not there where `more` says no.
 */
export const buttonPart = (
  name: 'up' | 'down' | 'copy' | 'edit' | 'submit' | 'cancel' | 'undo' | 'retry',
  act: (group: Group, event: MouseEvent<HTMLElement>, props: AnyProps) => unknown,
  more: (group: Group) => AnyProps | false,
): PartOf => ({
  name,
  tag: 'button',
  own(group, props) {
    const { isDisabled, labels, view } = group
    const own = more(group)
    return (
      own && {
        type: 'button',
        children: labels[name],
        onClick: (event: MouseEvent<HTMLElement>) => isDisabled || act(group, event, props),
        ...own,
        ...(isDisabled && { 'aria-disabled': true, disabled: !view.wasFocused }),
      }
    )
  },
})
