import type { ButtonHTMLAttributes, ChangeEvent, HTMLAttributes, KeyboardEvent, MouseEvent } from 'react'
import { createPart } from '../part'
import { useBrowserLayoutEffect } from '../use-latest'

/** Opens the panel with the editor in it, and closes it. */
export const EditTrigger = createPart<ButtonHTMLAttributes<HTMLButtonElement>>('edit', 'button', (group, given) => {
  const isOpen = group.panel === 'edit'
  return [
    {
      type: 'button',
      'aria-label': group.labels.edit,
      'aria-expanded': isOpen,
      'data-state': isOpen ? 'open' : 'closed',
      ...group.disabledProps,
      children: group.labels.edit,
      onClick(event: MouseEvent<HTMLElement>) {
        if (isOpen) group.close()
        else if (!group.isDisabled) group.open('edit', event.currentTarget)
      },
    },
    given,
  ]
})

export interface EditorProps extends HTMLAttributes<HTMLElement> {
  /** The text as it is shown to the user. */
  output: string
  onSave?: ((after: string) => void) | undefined
}

/** The answer as a text to improve: Ctrl+Enter or ⌘+Enter saves it. Shown only while the panel asks for an edit. */
export const Editor = createPart<EditorProps>('editor', 'textarea', (group, { output, onSave, ...given }) => {
  const { editing, labels } = group
  useBrowserLayoutEffect(() => {
    editing.current = { output: String(output), onSave: onSave as EditorProps['onSave'] }
  })
  const own = {
    rows: 6,
    dir: 'auto',
    'aria-label': labels.edit,
    placeholder: labels.editPlaceholder,
    value: group.edited ?? output,
    onChange: (event: ChangeEvent<HTMLTextAreaElement>) => group.setEdited(event.currentTarget.value),
    onKeyDown(event: KeyboardEvent) {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
      event.preventDefault()
      group.send()
    },
  }
  return [group.panel === 'edit' ? own : null, given]
})
