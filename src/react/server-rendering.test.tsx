// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { createTestRaindrop } from 'raindrop-js/testing'
import { StrictMode } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeedbackButtons, RaindropProvider, type RaindropProviderProps } from './index'

let server: ReturnType<typeof createTestRaindrop>
let page: ReturnType<typeof createTestRaindrop>
let root: Root | undefined
let complaints: unknown[][]

beforeEach(() => {
  vi.useFakeTimers()
  server = createTestRaindrop()
  page = createTestRaindrop({ userId: 'u1' })
  complaints = []
  for (const level of ['error', 'warn'] as const) {
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
      if (!isOfThisPlace(args[0])) complaints.push(args)
    })
  }
})
afterEach(async () => {
  act(() => root?.unmount())
  root = undefined
  cleanup()
  document.body.replaceChildren()
  vi.useRealTimers()
  vi.restoreAllMocks()
  await Promise.all([server.shutdown(), page.shutdown()])
})

const app = (props: RaindropProviderProps, ids = ['e1', 'e2']) => (
  <StrictMode>
    <RaindropProvider {...props}>
      {ids.map((id) => (
        <FeedbackButtons key={id} eventId={id} edit={{ output: 'text' }} copy={{ text: 'text' }} comment={false} />
      ))}
    </RaindropProvider>
  </StrictMode>
)

const votes = () => [...document.querySelectorAll<HTMLElement>('[role=group]')].map((group) => group.dataset['vote'])
const ups = () => screen.getAllByRole('button', { name: 'Good answer' })

/** Said by React 18 alone, since this server has a document. On one without: server.test.tsx. */
const isOfThisPlace = (text: unknown) => String(text).includes('useLayoutEffect does nothing on the server')

/** What a server draws with its client, taken over by the page with its own. */
function hydrate(initialFeedback?: RaindropProviderProps['initialFeedback']) {
  const place = document.createElement('main')
  document.body.append(place)
  place.innerHTML = renderToString(app({ client: server, initialFeedback }))
  const drawn = votes()
  act(() => {
    root = hydrateRoot(place, app({ client: page, initialFeedback }))
  })
  return drawn
}

describe('on a server', () => {
  it('draws the votes that it was given, keeps nothing of them, and sends nothing', () => {
    expect(hydrate({ e1: { vote: 'up' }, e2: { vote: null } })).toEqual(['up', 'none'])
    expect(server.store.getState().feedback).toEqual({})
    expect(server.stats().tracked).toBe(0)
  })

  it('is taken over without a warning, shows the same, and sends nothing', async () => {
    hydrate({ e1: { vote: 'up' } })
    expect(votes()).toEqual(['up', 'none'])
    await act(() => vi.advanceTimersByTimeAsync(5_000))
    expect(complaints).toEqual([])
    expect(page.requests).toEqual([])
  })

  it('is taken over by a page that knows of a vote that is not delivered', () => {
    page.feedback({ eventId: 'e1' }).vote('down')
    expect(hydrate({ e1: { vote: 'up' } })).toEqual(['up', 'none'])
    expect(votes()).toEqual(['down', 'none'])
    expect(complaints).toEqual([])
  })
})

describe('initialFeedback', () => {
  it('shows on the first paint of a page that no server has drawn', () => {
    render(app({ client: page, initialFeedback: { e1: { vote: 'down' } } }))
    expect(votes()).toEqual(['down', 'none'])
  })

  it('can be taken back: the retraction names the vote that the server knows', async () => {
    render(app({ client: page, initialFeedback: { e1: { vote: 'up' } } }))
    fireEvent.click(ups()[0]!)
    expect(votes()).toEqual(['none', 'none'])
    await act(() => vi.advanceTimersByTimeAsync(5_000))
    expect(page.requests.flatMap(({ body }) => body)).toEqual([
      expect.objectContaining({ signal_name: 'feedback_retracted', event_id: 'e1' }),
    ])
  })

  it('does not come back with a group that is mounted again, or with more votes', async () => {
    const initialFeedback = { e1: { vote: 'up' as const } }
    const { rerender } = render(app({ client: page, initialFeedback }))
    fireEvent.click(screen.getAllByRole('button', { name: 'Bad answer' })[0]!)
    await act(() => vi.advanceTimersByTimeAsync(5_000))
    rerender(app({ client: page, initialFeedback }, ['e2']))
    rerender(app({ client: page, initialFeedback: { ...initialFeedback, e2: { vote: 'up' } } }))
    expect(votes()).toEqual(['down', 'up'])
  })

  it('does not come back with a provider that is mounted again', async () => {
    const initialFeedback = { e1: { vote: 'up' as const } }
    const { unmount } = render(app({ client: page, initialFeedback }))
    fireEvent.click(screen.getAllByRole('button', { name: 'Bad answer' })[0]!)
    await act(() => vi.advanceTimersByTimeAsync(5_000))
    unmount()
    render(app({ client: page, initialFeedback }))
    expect(votes()).toEqual(['down', 'none'])
  })

  it('tells the client that there is no vote, and nothing of what it does not know', () => {
    const told: unknown[] = []
    const feedback = page.feedback.bind(page)
    page.feedback = (target) => ({ ...feedback(target), restore: (vote) => void told.push([target.eventId, vote]) })
    render(app({ client: page, initialFeedback: { e1: { vote: null } } }))
    // StrictMode does it twice.
    expect(new Set(told.map((call) => JSON.stringify(call)))).toEqual(new Set(['["e1",null]']))
  })

  it('is kept per attachment', () => {
    render(
      <RaindropProvider client={page} initialFeedback={{ 'e1#a1': { vote: 'up' } }}>
        <FeedbackButtons eventId="e1" />
        <FeedbackButtons eventId="e1" attachmentId="a1" />
      </RaindropProvider>,
    )
    expect(votes()).toEqual(['none', 'up'])
  })
})
