import { expect, it } from 'vitest'
import { feedbackOf } from './feedback-of'

const signal = (signalId: string, name: string, properties: Record<string, unknown> = {}) => ({
  signalId,
  name,
  properties,
})

it('is nothing where nothing was said', () => {
  expect(feedbackOf([])).toEqual({ vote: null })
})

it('has the vote, the comment and the edit', () => {
  expect(
    feedbackOf([
      signal('1', 'thumbs_down'),
      signal('2', 'user_feedback', { comment: 'Too short.' }),
      signal('3', 'user_edit', { after: 'Longer.' }),
      signal('4', 'copied'),
    ]),
  ).toEqual({ vote: 'down', comment: 'Too short.', after: 'Longer.' })
})

it('follows a vote that replaces another, and forgets what was taken back', () => {
  const down = signal('1', 'thumbs_down')
  const up = signal('2', 'thumbs_up', { replaces: '1' })
  expect(feedbackOf([down, up]).vote).toBe('up')
  expect(feedbackOf([down, up, signal('3', 'feedback_retracted', { retracts: '2' })]).vote).toBeNull()
})
