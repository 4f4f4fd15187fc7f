/** Every word that the parts say. Give those that you want to change; the others stay English. */
export interface FeedbackLabels {
  /** Names the group of buttons. */
  group: string
  up: string
  down: string
  /** Names the comment field and its panel. */
  comment: string
  commentPlaceholder: string
  /** Names the chips. */
  reasons: string
  submit: string
  cancel: string
  /** Names the button that opens the editor, the editor and its panel. */
  edit: string
  editPlaceholder: string
  undo: string
  /** Said after a vote, a comment, an edit. */
  thanks: string
  /** Said when Raindrop will never take what was said. */
  failed: string
  retry: string
  copy: string
  copied: string
  /** Submits an edit. Default: as `submit`, where that is given. */
  save?: string
  /** Said after an undo. */
  undone?: string
}

export const englishLabels: Required<FeedbackLabels> = {
  group: 'Feedback',
  up: 'Good answer',
  down: 'Bad answer',
  comment: 'Tell us more',
  commentPlaceholder: 'What could be better?',
  reasons: 'Reasons',
  submit: 'Send',
  cancel: 'Cancel',
  edit: 'Edit answer',
  editPlaceholder: 'A better answer',
  undo: 'Undo',
  thanks: 'Thank you',
  failed: 'Not sent',
  retry: 'Retry',
  copy: 'Copy',
  copied: 'Copied',
  save: 'Save',
  undone: 'Undone',
}

/** What was given over what was there: who gives no word for saving means the one for submitting. */
export const withLabels = (
  before: Required<FeedbackLabels>,
  given: Partial<FeedbackLabels> | undefined,
): Required<FeedbackLabels> => ({ ...before, ...(given?.submit && { save: given.submit }), ...given })
