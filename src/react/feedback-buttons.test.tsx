// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { createTestRaindrop } from 'raindrop-js/testing'
import { type ReactNode, StrictMode, Suspense } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeedbackButtons, type FeedbackButtonsProps, RaindropProvider } from './index'

const up = () => screen.getByRole('button', { name: 'Good answer' })
const down = () => screen.getByRole('button', { name: 'Bad answer' })
const field = () => screen.getByRole('textbox')
const button = (name: string) => screen.getByRole('button', { name })
const isPressed = (element: HTMLElement) => element.getAttribute('aria-pressed') === 'true'
const status = () => screen.queryByRole('status')?.textContent ?? ''

const reasons = [
  { id: 'wrong', label: 'Not correct', for: 'down' },
  { id: 'slow', label: <b>Too slow</b> },
  { id: 'clear', label: 'Clear', for: 'up' },
] as const

describe('FeedbackButtons', () => {
  let client: ReturnType<typeof createTestRaindrop>

  beforeEach(() => {
    vi.useFakeTimers()
    client = createTestRaindrop({ userId: 'u1' })
  })
  afterEach(async () => {
    cleanup()
    vi.useRealTimers()
    await client.shutdown()
    vi.unstubAllGlobals()
  })

  const inApp = (children: ReactNode) => (
    <StrictMode>
      <RaindropProvider client={client}>{children}</RaindropProvider>
    </StrictMode>
  )
  const show = (props: Partial<FeedbackButtonsProps> = {}) => render(inApp(<FeedbackButtons eventId="e1" {...props} />))

  /** What the ingest would have got, once time has passed. */
  async function sent() {
    await act(() => vi.advanceTimersByTimeAsync(3_000))
    return client.requests
      .filter(({ path }) => path.endsWith('signals/track'))
      .flatMap(({ body }) => body as Array<Record<string, any>>)
  }

  /** The next one: an outcome is told then. */
  const frame = () => act(() => vi.advanceTimersByTimeAsync(20))

  it('is a named group of two toggle buttons whose names never change', () => {
    show()
    const group = screen.getByRole('group', { name: 'Feedback' })
    expect(within(group).getAllByRole('button')).toEqual([up(), down()])
    expect([up(), down()].map(isPressed)).toEqual([false, false])
    fireEvent.click(up())
    expect([up(), down()].map(isPressed)).toEqual([true, false])
  })

  it('sends nothing by rendering, mounting and unmounting', async () => {
    const { rerender, unmount } = show({ token: 'token' })
    rerender(inApp(<FeedbackButtons eventId="e2" token="token" />))
    unmount()
    await sent()
    expect(client.requests).toEqual([])
    expect(client.stats().tracked).toBe(0)
  })

  it('sends one signal for a storm of clicks, and nothing where it ends as it began', async () => {
    show({ comment: false })
    for (let click = 0; click < 21; click++) fireEvent.click(click % 2 ? down() : up())
    expect(await sent()).toEqual([
      expect.objectContaining({ event_id: 'e1', signal_name: 'thumbs_up', sentiment: 'POSITIVE' }),
    ])
    expect(isPressed(up())).toBe(true)

    render(inApp(<FeedbackButtons eventId="e2" comment={false} labels={{ up: 'Yes' }} />))
    fireEvent.click(button('Yes'))
    fireEvent.click(button('Yes'))
    expect(await sent()).toHaveLength(1)
  })

  it('thanks, offers to undo for a moment, and takes a delivered vote back', async () => {
    show()
    expect(status()).toBe('')
    fireEvent.click(up())
    // Empty at first, also where a press gives no focus: a live region that comes with its text is not heard.
    expect(screen.getByRole('status').textContent).toBe('')
    await frame()
    expect(status()).toBe('Thank you')
    const [vote] = await sent()
    fireEvent.click(button('Undo'))
    expect(status()).toBe('Undone')
    expect(document.activeElement).toBe(screen.getByRole('status'))
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
    expect(isPressed(up())).toBe(false)
    expect((await sent()).slice(1)).toEqual([
      expect.objectContaining({
        signal_name: 'feedback_retracted',
        properties: expect.objectContaining({ retracts: vote!['properties'].$signal_id }),
      }),
    ])
    await act(() => vi.advanceTimersByTimeAsync(10_000))
    expect(status()).toBe('')
  })

  it('keeps the undo button while it has the focus', async () => {
    show()
    fireEvent.click(up())
    act(() => button('Undo').focus())
    await act(() => vi.advanceTimersByTimeAsync(30_000))
    act(() => button('Undo').blur())
    await act(() => vi.advanceTimersByTimeAsync(10_000))
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  })

  it('asks for a comment after a thumbs-down, puts the focus there, and sends text and reasons', async () => {
    show({ reasons })
    fireEvent.click(down())
    expect(document.activeElement).toBe(field())
    expect(screen.getByRole('group', { name: 'Tell us more' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Clear' })).toBeNull()
    expect(button('Send')).toHaveProperty('disabled', true)
    fireEvent.click(button('Not correct'))
    expect(isPressed(button('Not correct'))).toBe(true)
    fireEvent.change(field(), { target: { value: ' The year is off. ' } })
    fireEvent.click(button('Send'))
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(document.activeElement).toBe(screen.getByRole('status'))
    await frame()
    expect(status()).toBe('Thank you')
    expect(await sent()).toEqual([
      expect.objectContaining({ signal_name: 'thumbs_down' }),
      expect.objectContaining({
        signal_name: 'user_feedback',
        signal_type: 'feedback',
        sentiment: 'NEGATIVE',
        properties: expect.objectContaining({ comment: 'The year is off.', reasons: ['wrong'] }),
      }),
    ])
  })

  it('sends no reason that the vote hides', async () => {
    show({ reasons, comment: 'always' })
    fireEvent.click(down())
    fireEvent.click(button('Not correct'))
    fireEvent.click(up())
    expect(screen.queryByRole('button', { name: 'Not correct' })).toBeNull()
    expect(button('Send')).toHaveProperty('disabled', true)
    fireEvent.click(button('Too slow'))
    fireEvent.change(field(), { target: { value: 'Great' } })
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect((await sent()).at(-1)).toMatchObject({
      sentiment: 'POSITIVE',
      properties: { comment: 'Great', reasons: ['slow'] },
    })
  })

  it('sends the labels of the reasons where nothing is written', async () => {
    show({ reasons })
    fireEvent.click(down())
    fireEvent.click(button('Not correct'))
    fireEvent.click(button('Too slow'))
    fireEvent.click(button('Send'))
    expect((await sent()).at(-1)).toMatchObject({
      properties: { comment: 'Not correct, Too slow', reasons: ['wrong', 'slow'] },
    })
  })

  it('sends on Enter, but not within a composition, and not with Shift', async () => {
    show()
    fireEvent.click(down())
    fireEvent.change(field(), { target: { value: '日本' } })
    fireEvent.keyDown(field(), { key: 'Enter', isComposing: true })
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 229 })
    fireEvent.keyDown(field(), { key: 'Enter', shiftKey: true })
    expect(field()).toBeTruthy()
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(screen.queryByRole('textbox')).toBeNull()
    expect((await sent()).map((signal) => signal['signal_name'])).toEqual(['thumbs_down', 'user_feedback'])
  })

  it('closes by Escape and Cancel, goes back to the button it came from, and keeps the draft', () => {
    show()
    fireEvent.click(down())
    fireEvent.change(field(), { target: { value: 'Half a thou' } })
    fireEvent.keyDown(field(), { key: 'Escape' })
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(document.activeElement).toBe(down())
    expect(isPressed(down())).toBe(true)
    fireEvent.click(down())
    fireEvent.click(down())
    expect(field()).toHaveProperty('value', 'Half a thou')
    fireEvent.click(button('Cancel'))
    expect(document.activeElement).toBe(down())
  })

  it('closes an empty panel by a press elsewhere, and leaves one with words in it', () => {
    show()
    fireEvent.click(down())
    fireEvent.pointerDown(field())
    expect(field()).toBeTruthy()
    fireEvent.change(field(), { target: { value: 'x' } })
    fireEvent.pointerDown(document.body)
    expect(field()).toBeTruthy()
    fireEvent.change(field(), { target: { value: '' } })
    fireEvent.pointerDown(document.body)
    expect(screen.queryByRole('textbox')).toBeNull()
  })

  it.each([
    [false, false, false],
    ['down', false, true],
    ['always', true, true],
  ] as const)('asks for a comment as told: %s', (comment, afterUp, afterDown) => {
    show({ comment })
    fireEvent.click(up())
    expect(screen.queryByRole('textbox') !== null).toBe(afterUp)
    fireEvent.click(down())
    expect(screen.queryByRole('textbox') !== null).toBe(afterDown)
    fireEvent.click(down())
    expect(screen.queryByRole('textbox')).toBeNull()
  })

  it('closes an empty panel when the focus goes elsewhere, and leaves one with words in it', () => {
    render(inApp(<button>After</button>))
    show()
    fireEvent.click(down())
    fireEvent.change(field(), { target: { value: 'x' } })
    act(() => button('After').focus())
    expect(field()).toBeTruthy()
    fireEvent.change(field(), { target: { value: '' } })
    act(() => field().focus())
    act(() => button('Send').focus())
    expect(field()).toBeTruthy()
    act(() => button('After').focus())
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(document.activeElement).toBe(button('After'))
  })

  it('gives the focus of a panel that goes away to the button that opened it', () => {
    const { rerender } = show()
    fireEvent.click(down())
    fireEvent.change(field(), { target: { value: 'x' } })
    rerender(inApp(<FeedbackButtons eventId="e1" streaming />))
    expect(document.activeElement).toBe(down())
    act(() => down().blur())
    rerender(inApp(<FeedbackButtons eventId="e1" />))
    // Not opened again: it would take the focus from wherever it is.
    expect(screen.queryByRole('textbox')).toBeNull()
    fireEvent.click(up())
    fireEvent.click(down())
    expect(field()).toHaveProperty('value', 'x')
    rerender(inApp(<FeedbackButtons eventId="e2" />))
    expect(document.activeElement).toBe(down())
  })

  it('gives the focus of an undo button that goes away to the vote', async () => {
    client = createTestRaindrop({ userId: 'u1', onError: () => undefined })
    client.respondWith(400, { times: 1 })
    show()
    fireEvent.click(up())
    act(() => button('Undo').focus())
    await sent()
    expect(button('Retry')).toBeTruthy()
    expect(document.activeElement).toBe(up())
  })

  it('does not touch another message by what a moment ago was told of the one before', async () => {
    const { rerender } = show()
    fireEvent.click(up())
    rerender(inApp(<FeedbackButtons eventId="e2" />))
    fireEvent.click(down())
    fireEvent.change(field(), { target: { value: 'x' } })
    await act(() => vi.advanceTimersByTimeAsync(10_000))
    expect(field()).toHaveProperty('value', 'x')
  })

  it('keeps its space while the message streams, cannot be pressed, and keeps the focus', async () => {
    const { rerender } = show({ eventId: null, copy: { text: 'x' } })
    for (const each of [up(), down(), button('Copy')]) expect(each).toHaveProperty('disabled', true)
    rerender(inApp(<FeedbackButtons eventId="e1" />))
    expect(up()).toHaveProperty('disabled', false)
    act(() => up().focus())
    rerender(inApp(<FeedbackButtons eventId="e1" streaming />))
    expect(document.activeElement).toBe(up())
    expect(up().getAttribute('aria-disabled')).toBe('true')
    expect(up()).toHaveProperty('disabled', false)
    fireEvent.click(up())
    fireEvent.click(down())
    expect([up(), down()].map(isPressed)).toEqual([false, false])
    expect(await sent()).toEqual([])
  })

  it('holds a vote until its token arrives, then sends it once', async () => {
    client = createTestRaindrop({ relay: 'https://app.test/api/raindrop' })
    const { rerender } = show({ token: undefined })
    fireEvent.click(up())
    await sent()
    expect(client.requests).toEqual([])
    rerender(inApp(<FeedbackButtons eventId="e1" token="late" />))
    await sent()
    const records = client.requests.flatMap(({ body }) => body.records as any[])
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({ token: 'late' })
  })

  it('copies, says so by a signal, and keeps its name', async () => {
    const writeText = vi.fn(async () => undefined)
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    show({ copy: { text: 'The answer' } })
    await act(async () => fireEvent.click(button('Copy')))
    expect(writeText).toHaveBeenCalledExactlyOnceWith('The answer')
    await frame()
    expect(status()).toBe('Copied')
    expect(button('Copy').dataset['state']).toBe('on')
    expect(await sent()).toEqual([expect.objectContaining({ event_id: 'e1', signal_name: 'copied' })])
  })

  it('copies by a selection where there is no clipboard, and tells nothing where that fails', async () => {
    vi.stubGlobal('navigator', {})
    const execCommand = vi.fn(() => true)
    Object.assign(document, { execCommand })
    show({ copy: { text: 'The answer' } })
    await act(async () => fireEvent.click(button('Copy')))
    expect(execCommand).toHaveBeenCalledWith('copy')
    await frame()
    expect(status()).toBe('Copied')
    execCommand.mockReturnValue(false)
    await act(() => vi.advanceTimersByTimeAsync(10_000))
    await act(async () => fireEvent.click(button('Copy')))
    expect(status()).toBe('')
    expect(document.querySelector('body > textarea')).toBeNull()
  })

  it('offers the answer for an edit, saves what was changed, and sends nothing for what was not', async () => {
    const onSave = vi.fn()
    show({ edit: { output: 'Paris is in Germany', onSave } })
    const trigger = button('Edit answer')
    fireEvent.click(trigger)
    expect(trigger.getAttribute('aria-expanded')).toBe('true')
    expect(document.activeElement).toBe(field())
    expect(field()).toHaveProperty('value', 'Paris is in Germany')
    fireEvent.change(field(), { target: { value: 'Paris is in France' } })
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onSave).not.toHaveBeenCalled()
    fireEvent.click(button('Save'))
    expect(onSave).toHaveBeenCalledExactlyOnceWith('Paris is in France')
    expect(document.activeElement).toBe(screen.getByRole('status'))
    expect(await sent()).toEqual([
      expect.objectContaining({
        signal_name: 'user_edit',
        properties: expect.objectContaining({ after: 'Paris is in France', before: 'Paris is in Germany' }),
      }),
    ])
    fireEvent.click(trigger)
    fireEvent.change(field(), { target: { value: 'Paris' } })
    fireEvent.change(field(), { target: { value: 'Paris is in Germany' } })
    fireEvent.keyDown(field(), { key: 'Enter', ctrlKey: true })
    expect(document.activeElement).toBe(trigger)
    expect(await sent()).toHaveLength(1)
  })

  it('tells that a vote was refused, and sends it again on request', async () => {
    client = createTestRaindrop({ userId: 'u1', onError: () => undefined })
    client.respondWith(400, { times: 1 })
    const { container } = show()
    fireEvent.click(up())
    await sent()
    expect(status()).toBe('Not sent')
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
    expect(container.querySelectorAll('[data-error]').length).toBeGreaterThan(2)
    fireEvent.click(button('Retry'))
    expect(document.activeElement).toBe(screen.getByRole('status'))
    await sent()
    expect(status()).toBe('Thank you')
    expect(screen.getByRole('group').dataset).toMatchObject({ state: 'delivered', vote: 'up' })
    expect(client.requests).toHaveLength(2)
  })

  it('saves an edit by the word for submitting where there is none for saving', () => {
    show({ edit: { output: 'x' }, labels: { submit: 'Senden' } })
    fireEvent.click(button('Edit answer'))
    expect(button('Senden')).toBeTruthy()
  })

  it('shares its state with every group of one event, and none with an attachment of it', () => {
    render(
      inApp(
        <>
          <FeedbackButtons eventId="e1" />
          <FeedbackButtons eventId="e1" />
          <FeedbackButtons eventId="e1" attachmentId="a1" />
        </>,
      ),
    )
    fireEvent.click(screen.getAllByRole('button', { name: 'Good answer' })[0]!)
    expect(screen.getAllByRole('button', { name: 'Good answer' }).map(isPressed)).toEqual([true, true, false])
  })

  it('drops the styles and keeps the data attributes', () => {
    const { container } = show({ unstyled: true, className: 'mine' })
    expect(container.firstElementChild!.className).toBe('mine')
    expect(container.querySelector('[data-raindrop=up]')!.textContent).toBe('Good answer')
  })

  it('behaves in a tree that suspends and comes back', async () => {
    let isLoading = false
    let wake = () => {}
    const loaded = new Promise<void>((resolve) => (wake = resolve))
    const Late = () => {
      // oxlint-disable-next-line typescript/only-throw-error -- What every version of React takes for "not yet".
      if (isLoading) throw loaded
      return null
    }
    const app = () =>
      inApp(
        <Suspense fallback="…">
          <Late />
          <FeedbackButtons eventId="e1" comment={false} />
        </Suspense>,
      )
    const { rerender } = render(app())
    fireEvent.click(up())
    isLoading = true
    rerender(app())
    expect(screen.getByText('…')).toBeTruthy()
    isLoading = false
    await act(async () => wake())
    expect(isPressed(up())).toBe(true)
    expect(await sent()).toHaveLength(1)
  })
})
