// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, renderHook, screen } from '@testing-library/react'
import { createTestRaindrop } from 'raindrop-js/testing'
import { type ReactNode, StrictMode, useState } from 'react'
import { flushSync } from 'react-dom'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RaindropProvider, useInteraction, useRaindrop, useRaindropState, useSignal } from './index'

let client: ReturnType<typeof createTestRaindrop>
let complaints: unknown[][]

beforeEach(() => {
  vi.useFakeTimers()
  client = createTestRaindrop({ userId: 'u1' })
  complaints = []
  vi.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void complaints.push(args))
})
afterEach(async () => {
  cleanup()
  vi.useRealTimers()
  vi.restoreAllMocks()
  await client.shutdown()
})

const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode>
    <RaindropProvider client={client}>{children}</RaindropProvider>
  </StrictMode>
)

async function sent(path = 'signals/track') {
  await act(() => vi.advanceTimersByTimeAsync(5_000))
  return client.requests
    .filter((request) => request.path.endsWith(path))
    .flatMap(({ body }) => body as Array<Record<string, any>>)
}

describe('useRaindrop', () => {
  it('gives the client', () => {
    expect(renderHook(() => useRaindrop(), { wrapper }).result.current).toBe(client)
  })

  it('says outside of a provider how to add one', () => {
    expect(() => renderHook(() => useRaindrop())).toThrow('<RaindropProvider client={raindrop}>')
  })
})

describe('useRaindropState', () => {
  it('renders again when what is selected changes, and only then', async () => {
    let renders = 0
    const { result } = renderHook(
      () => {
        renders++
        return useRaindropState((state) => state.stats.tracked)
      },
      { wrapper },
    )
    expect(result.current).toBe(0)
    const before = renders
    act(() => client.feedback({ eventId: 'e' }).vote('up'))
    expect(renders).toBe(before)
    await sent()
    expect(result.current).toBe(1)
  })

  it('takes a selector that builds an object anew', () => {
    const { result } = renderHook(() => useRaindropState(({ online, stats }) => ({ online, pending: stats.pending })), {
      wrapper,
    })
    expect(result.current).toEqual({ online: true, pending: 0 })
    expect(complaints).toEqual([])
  })

  it('is read in a turn that has tracked already, without a complaint', () => {
    const Count = () => <output>{useRaindropState((state) => state.stats.tracked)}</output>
    function App() {
      const [isOpen, open] = useState(false)
      const track = () => {
        client.track({ event: 'opened' })
        flushSync(() => open(true))
      }
      return (
        <>
          <button onClick={track}>Open</button>
          <Count />
          {isOpen && <Count />}
        </>
      )
    }
    render(<App />, { wrapper })
    fireEvent.click(screen.getByText('Open'))
    expect(screen.getAllByRole('status').map((each) => each.textContent)).toEqual(['1', '1'])
    expect(complaints).toEqual([])
  })
})

describe('useSignal', () => {
  it('takes a target that is written inline, and keeps its calls', () => {
    let renders = 0
    const { result, rerender } = renderHook(
      () => {
        renders++
        return useSignal({ eventId: 'e1', attachmentId: 'a1' })
      },
      { wrapper },
    )
    const { vote } = result.current
    rerender()
    expect(result.current.vote).toBe(vote)
    const before = renders
    act(() => vote('up'))
    // StrictMode renders twice.
    expect(renders - before).toBe(2)
    expect(result.current.state).toMatchObject({ vote: 'up', delivery: 'held' })
    expect(result.current.isPending).toBe(true)
  })

  it('ignores every call without a target', async () => {
    const { result } = renderHook(() => useSignal(null), { wrapper })
    act(() => {
      result.current.vote('up')
      result.current.comment('text')
      result.current.edit('after')
      result.current.undo()
      result.current.retry()
      result.current.setDraft('draft')
    })
    expect(result.current.track({ name: 'copied' })).toBe('')
    expect(result.current.state).toEqual({ vote: null, delivery: 'idle' })
    expect(result.current.getVoteButtonProps('up').disabled).toBe(true)
    expect(await sent()).toEqual([])
  })

  it('sends votes, comments, edits and other signals with its properties', async () => {
    const { result } = renderHook(
      () => useSignal({ eventId: 'e1' }, { undoWindowMs: 0, properties: { page: 'chat' } }),
      {
        wrapper,
      },
    )
    act(() => {
      result.current.vote('down')
      result.current.comment('No', { reasons: ['wrong'] })
      result.current.edit('Yes', 'No')
      result.current.track({ name: 'regenerated', properties: { times: 2 } })
    })
    const signals = await sent()
    expect(signals.map((signal) => signal['signal_name'])).toEqual([
      'thumbs_down',
      'user_feedback',
      'user_edit',
      'regenerated',
    ])
    for (const signal of signals) expect(signal['properties']).toMatchObject({ page: 'chat' })
    expect(signals[3]!['properties']).toMatchObject({ times: 2 })
  })

  it('waits for a change of mind as long as it is told', async () => {
    const { result } = renderHook(() => useSignal({ eventId: 'e1' }, { undoWindowMs: 10_000 }), { wrapper })
    act(() => result.current.vote('up'))
    expect(await sent()).toEqual([])
    await sent()
    expect(await sent()).toHaveLength(1)
  })

  it('tells onChange of every change, also by others, and calls the one of the last render', async () => {
    const [first, last] = [vi.fn(), vi.fn()]
    const { rerender } = renderHook(({ onChange }) => useSignal({ eventId: 'e1' }, { onChange }), {
      wrapper,
      initialProps: { onChange: first },
    })
    expect(first).not.toHaveBeenCalled()
    rerender({ onChange: last })
    act(() => client.feedback({ eventId: 'e1' }).vote('down'))
    expect(last.mock.calls.map(([state]) => state.vote)).toEqual(['down'])
    expect(first).not.toHaveBeenCalled()
  })

  it('has a draft, props for it, and what submits it', async () => {
    function Form() {
      const { getCommentProps, getSubmitProps, getVoteButtonProps } = useSignal({ eventId: 'e1' })
      return (
        <>
          <button {...getVoteButtonProps('down')} />
          <textarea {...getCommentProps()} />
          <button {...getSubmitProps()}>Go</button>
        </>
      )
    }
    render(<Form />, { wrapper })
    const field = screen.getByRole('textbox', { name: 'Tell us more' })
    expect(screen.getByText('Go')).toHaveProperty('disabled', true)
    fireEvent.click(screen.getByRole('button', { name: 'Bad answer' }))
    fireEvent.change(field, { target: { value: 'Too vague' } })
    fireEvent.click(screen.getByText('Go'))
    expect(field).toHaveProperty('value', '')
    expect((await sent()).map((signal) => signal['properties'].comment)).toEqual([undefined, 'Too vague'])
  })

  it('begins another target with an empty draft and its own state', () => {
    const { result, rerender } = renderHook(({ eventId }) => useSignal({ eventId }), {
      wrapper,
      initialProps: { eventId: 'e1' },
    })
    act(() => {
      result.current.vote('up')
      result.current.setDraft('about e1')
    })
    expect(result.current).toMatchObject({ draft: 'about e1' })
    rerender({ eventId: 'e2' })
    expect(result.current).toMatchObject({ draft: '', state: { vote: null } })
    rerender({ eventId: 'e1' })
    expect(result.current.state.vote).toBe('up')
  })

  it('has an error for what was refused, and sends it again', async () => {
    client = createTestRaindrop({ userId: 'u1', onError: () => undefined })
    client.respondWith(400, { times: 1 })
    const { result } = renderHook(() => useSignal({ eventId: 'e1' }), { wrapper })
    act(() => result.current.vote('up'))
    await sent()
    expect(result.current.error?.message).toBe('Feedback was not sent: rejected')
    act(() => result.current.retry())
    await sent()
    expect(result.current).toMatchObject({ error: null, isPending: false, state: { delivery: 'delivered' } })
  })
})

describe('useInteraction', () => {
  const defaults = { event: 'chat_message', properties: { page: 'chat' } }

  it('sends nothing by mounting and unmounting, and does not finish what it leaves', async () => {
    const { result, unmount } = renderHook(() => useInteraction(defaults), { wrapper })
    expect(result.current).toMatchObject({ interaction: null, eventId: null, status: 'idle' })
    await sent()
    expect(client.requests).toEqual([])
    let id = ''
    act(() => void (id = result.current.begin({ input: 'Hi' }).id))
    expect(result.current).toMatchObject({ eventId: id, status: 'active' })
    unmount()
    expect((await sent('events/track_partial')).map((event) => event['is_pending'])).toEqual([true])
  })

  it('begins with its defaults and finishes', async () => {
    const { result } = renderHook(() => useInteraction(defaults), { wrapper })
    act(() => {
      result.current.begin({ input: 'Hi', convoId: 'c1' })
      result.current.finish('Hello!')
    })
    expect(result.current.status).toBe('finished')
    const [event] = await sent('events/track_partial')
    expect(event).toMatchObject({
      event: 'chat_message',
      is_pending: false,
      ai_data: { input: 'Hi', output: 'Hello!', convo_id: 'c1' },
      properties: expect.objectContaining({ page: 'chat' }),
    })
  })

  it('keeps its calls, whatever the defaults', () => {
    const { result, rerender } = renderHook(() => useInteraction({ ...defaults }), { wrapper })
    const { begin, resume, finish } = result.current
    rerender()
    expect(result.current).toMatchObject({ begin, resume, finish })
    act(() => finish('ignored'))
    expect(result.current.status).toBe('idle')
  })

  it('attaches to an interaction that the server began', async () => {
    const { result } = renderHook(() => useInteraction(), { wrapper })
    act(() => void result.current.resume('from_server').setProperty('seen', true))
    expect(result.current).toMatchObject({ eventId: 'from_server', status: 'active' })
    expect(await sent('events/track_partial')).toEqual([expect.objectContaining({ event_id: 'from_server' })])
  })

  it('notices at the next render that its interaction was finished by the handle', () => {
    const { result, rerender } = renderHook(() => useInteraction(defaults), { wrapper })
    act(() => result.current.begin({ input: 'Hi' }).finish('Hello!'))
    rerender()
    expect(result.current.status).toBe('finished')
  })
})
