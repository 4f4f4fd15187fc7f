import { createTestRaindrop } from 'raindrop-js/testing'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { FeedbackButtons, RaindropProvider, useInteraction, useRaindropState, useSignal } from './index'

function Own() {
  const online = useRaindropState((state) => state.online)
  const { state } = useSignal({ eventId: 'e2', token: undefined })
  const { status } = useInteraction({ event: 'chat' })
  return [String(online), state.vote, status].join(' ')
}

it('draws on a server, where there is no document: the votes that it was given, without a warning and without a trace', async () => {
  const client = createTestRaindrop()
  const complain = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const html = renderToString(
    <RaindropProvider client={client} initialFeedback={{ e1: { vote: 'up' }, e2: { vote: 'down' } }}>
      <FeedbackButtons eventId="e1" token="token" edit={{ output: 'text' }} copy={{ text: 'text' }} />
      <FeedbackButtons eventId={null} />
      <Own />
    </RaindropProvider>,
  )
  expect(html.match(/aria-pressed="true"/g)).toHaveLength(1)
  expect(html.match(/ disabled=""/g)).toHaveLength(2)
  expect(html).toContain('true down idle')
  expect(complain).not.toHaveBeenCalled()
  expect(client.store.getState().feedback).toEqual({})
  expect(client.stats().tracked).toBe(0)
  await client.shutdown()
})
