import type { ButtonHTMLAttributes, HTMLAttributes, KeyboardEvent } from 'react'
import { closePanel, openPanel, submit } from '../actions'
import { buttonPart } from '../button-part'
import { fieldProps } from '../control-props'
import { toComponent } from '../part'
import { useBrowserLayoutEffect } from '../use-latest'

export const editTrigger = buttonPart(
  'edit',
  (group, { currentTarget }) =>
    group.view.panel === 'edit' ? closePanel(group) : openPanel(group, 'edit', currentTarget),
  ({ labels, view }) => ({
    'aria-label': labels.edit,
    'aria-expanded': view.panel === 'edit',
    'data-state': view.panel === 'edit' ? 'open' : 'closed',
  }),
)

/** Opens the panel with the editor in it, and closes it. */
export const EditTrigger = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(editTrigger)

export interface EditorProps extends HTMLAttributes<HTMLElement> {
  /** The text as it is shown to the user. */
  output: string
  onSave?: ((after: string) => void) | undefined
}

/** The answer as a text to improve: Ctrl+Enter or ⌘+Enter saves it. Shown only while the panel asks for an edit. */
export const Editor = toComponent<EditorProps>({
  name: 'editor',
  tag: 'textarea',
  own(group, props) {
    const { change, labels, places, view } = group
    const { output, onSave } = props as unknown as EditorProps
    useBrowserLayoutEffect(() => {
      places.editing = { output, onSave }
    })
    const field = fieldProps(
      labels,
      'edit',
      view.edited ?? output,
      (edited) => change({ edited }),
      () => submit(group),
    )
    return (
      view.panel === 'edit' && {
        ...field,
        rows: 6,
        dir: 'auto',
        // Enter alone begins a line of the answer.
        onKeyDown: (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && field.onKeyDown(event),
      }
    )
  },
})
