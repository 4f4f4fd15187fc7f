import type { KeyboardEvent, TextareaHTMLAttributes } from 'react'
import { createPart } from '../part'
import { submitOnEnter } from '../submit-on-enter'

/** The field for a comment: Enter sends it. Hidden while the panel asks for an edit. */
export const Comment = createPart<TextareaHTMLAttributes<HTMLTextAreaElement>>(
  'comment',
  'textarea',
  (group, given) => [
    group.panel === 'edit'
      ? null
      : {
          rows: 3,
          // By what is written; a placeholder goes with the page.
          dir: group.signal.draft ? 'auto' : undefined,
          ...group.signal.getCommentProps(),
          'aria-label': group.labels.comment,
          placeholder: group.labels.commentPlaceholder,
          onKeyDown: (event: KeyboardEvent) => submitOnEnter(event, group.send),
        },
    given,
  ],
)
