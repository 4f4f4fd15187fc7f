import { Comment } from './parts/comment'
import { Copy } from './parts/copy'
import { Editor, EditTrigger } from './parts/edit'
import { Cancel, Submit } from './parts/panel-buttons'
import { Panel } from './parts/panel'
import { Reason } from './parts/reason'
import { Root } from './parts/root'
import { Retry, Status, Undo } from './parts/status'
import { Down, Up } from './parts/vote-button'

/**
 * Headless parts, for markup of your own. Each sets `data-raindrop` (its name), `data-state`, `data-vote`, `data-pending`, `data-error`.
 * @example
 * <Feedback.Root eventId={message.id}>
 *   <Feedback.Up>Yes</Feedback.Up>
 *   <Feedback.Down>No</Feedback.Down>
 *   <Feedback.Status />
 * </Feedback.Root>
 */
export const Feedback = {
  Root,
  Up,
  Down,
  Panel,
  Reason,
  Comment,
  Submit,
  Cancel,
  EditTrigger,
  Editor,
  Copy,
  Undo,
  Retry,
  Status,
}
