import type { TextareaHTMLAttributes } from 'react'
import { submit } from '../actions'
import { fieldProps } from '../control-props'
import { toComponent } from '../part'

/** The field for a comment: Enter sends it. Hidden while the panel asks for an edit. */
export const Comment = toComponent<TextareaHTMLAttributes<HTMLTextAreaElement>>({
  name: 'comment',
  tag: 'textarea',
  own(group) {
    const { change, isDisabled, labels, view } = group
    return (
      view.panel !== 'edit' && {
        ...fieldProps(
          labels,
          'comment',
          view.draft,
          (draft) => change({ draft }),
          () => submit(group),
        ),
        rows: 3,
        // By what is written; a placeholder goes with the page.
        dir: view.draft && 'auto',
        disabled: isDisabled,
      }
    )
  },
})
