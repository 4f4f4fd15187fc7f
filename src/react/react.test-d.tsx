import type { ReactElement } from 'react'
import type { FeedbackState, Interaction } from 'raindrop-js'
import { Feedback, FeedbackButtons, useInteraction, useRaindropState, useSignal } from './index'

/** Compiled only: the types that React code is written against. */
export function Types(): ReactElement {
  const signal = useSignal({ eventId: 'e1', token: undefined, attachmentId: 'a1' }, { undoWindowMs: 0 })
  const { interaction, begin }: { interaction: Interaction | null; begin: () => Interaction } = useInteraction({
    event: 'chat',
  })
  const online: boolean = useRaindropState((state) => state.online)
  const state: FeedbackState = signal.state
  const nothing = useSignal(null)

  const id: string = signal.track({ name: 'copied' })
  signal.track({ name: 'user_feedback', type: 'feedback', comment: 'text' })
  // @ts-expect-error Feedback needs a comment.
  signal.track({ name: 'user_feedback', type: 'feedback' })
  // @ts-expect-error An edit needs the text after it.
  signal.track({ name: 'user_edit', type: 'edit' })
  // @ts-expect-error There are two votes, and none.
  signal.vote('sideways')
  // @ts-expect-error A comment needs a text.
  signal.comment()
  // @ts-expect-error A target needs the id of an event.
  useSignal({ attachmentId: 'a1' })

  return (
    <>
      <button {...signal.getVoteButtonProps('up')} />
      <textarea {...signal.getCommentProps()} />
      <button {...nothing.getSubmitProps()} onClick={() => begin()} disabled={!online} title={id}>
        {interaction?.id} {state.vote}
      </button>
      <FeedbackButtons eventId={null} />
      <FeedbackButtons
        eventId="e1"
        token={undefined}
        comment="always"
        reasons={[{ id: 'wrong', label: <b>Wrong</b>, for: 'down' }] as const}
        edit={{ output: 'text', onSave: (after: string) => after }}
        copy={{ text: 'text' }}
        labels={{ up: 'Ja' }}
        onChange={({ vote }) => vote}
      />
      {/* @ts-expect-error The event is what it is about: null while it is not known. */}
      <FeedbackButtons />
      {/* @ts-expect-error There is no such word. */}
      <FeedbackButtons eventId="e1" labels={{ upvote: 'Ja' }} />
      <Feedback.Root eventId="e1" className="row" onChange={({ delivery }) => delivery}>
        <Feedback.Up render={<a href="/up">Yes</a>} disabled />
        {/* @ts-expect-error A reason needs an id. */}
        <Feedback.Reason>Too long</Feedback.Reason>
        {/* @ts-expect-error There is nothing to copy. */}
        <Feedback.Copy />
      </Feedback.Root>
    </>
  )
}
