import { expect, it } from 'vitest'
import { changeChat, isBusy, newAnswer, votesOf, type ChatState, type ShownTurn } from './turns'

const turn = (turnId: string, ...keys: string[]): ShownTurn => ({
  turnId,
  question: `${turnId}?`,
  answers: keys.map(newAnswer),
})
const empty: ChatState = { list: [], turns: {}, current: null }

it('puts the conversation that was spoken in last first, under its first question', () => {
  let state = changeChat(empty, { type: 'asked', convoId: 'a', turn: turn('one', '1') })
  state = changeChat(state, { type: 'asked', convoId: 'b', turn: turn('two', '2') })
  state = changeChat(state, { type: 'asked', convoId: 'a', turn: turn('three', '3') })
  expect(state.list).toEqual([
    { convoId: 'a', title: 'one?' },
    { convoId: 'b', title: 'two?' },
  ])
  expect(state.turns['a']?.map(({ turnId }) => turnId)).toEqual(['one', 'three'])
  expect(state.current).toBe('a')
})

it('takes what is stored, unless more was said since', () => {
  const opened = changeChat(empty, { type: 'opened', convoId: 'a', turns: [turn('stored', '1')] })
  const asked = changeChat(opened, { type: 'asked', convoId: 'a', turn: turn('new', '2') })
  const again = changeChat(asked, { type: 'opened', convoId: 'a', turns: [turn('stored', '1')] })
  expect(again.turns['a']).toHaveLength(2)
})

it('changes one answer and no other, and is busy as long as one is open', () => {
  const asked = changeChat(empty, { type: 'asked', convoId: 'a', turn: turn('one', '1', '2') })
  expect(isBusy(asked.turns['a'] ?? [])).toBe(true)
  const change = (state: ChatState, key: string) =>
    changeChat(state, { type: 'answer changed', convoId: 'a', key, change: { status: 'done', text: key } })
  const done = change(change(asked, '1'), '2')
  expect(done.turns['a']?.[0]?.answers.map(({ text }) => text)).toEqual(['1', '2'])
  expect(isBusy(done.turns['a'] ?? [])).toBe(false)
})

it('forgets what was removed', () => {
  const asked = changeChat(empty, { type: 'asked', convoId: 'a', turn: turn('one', '1') })
  expect(changeChat(asked, { type: 'removed', convoId: 'a' })).toEqual(empty)
})

it('names votes as the provider takes them', () => {
  const answer = {
    ...newAnswer('1'),
    eventId: 'e1',
    feedback: { '': { vote: 'up' }, 'docs/a.md#b': { vote: 'down' } } as const,
  }
  expect(votesOf([{ turnId: 't', question: '?', answers: [answer] }])).toEqual({
    e1: { vote: 'up' },
    'e1#docs/a.md#b': { vote: 'down' },
  })
})
