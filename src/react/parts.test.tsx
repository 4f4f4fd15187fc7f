// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { createTestRaindrop } from 'raindrop-js/testing'
import { type ComponentProps, createRef, forwardRef, type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Feedback, RaindropProvider } from './index'

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

const inApp = (children: ReactNode) => (
  <StrictMode>
    <RaindropProvider client={client}>{children}</RaindropProvider>
  </StrictMode>
)

const Fancy = forwardRef<HTMLButtonElement, ComponentProps<'button'>>((props, ref) => (
  <button {...props} ref={ref} data-fancy="" />
))

describe('Feedback parts', () => {
  it('carry their name and the state of the group', () => {
    const { container } = render(
      inApp(
        <Feedback.Root eventId="e1" comment={false}>
          <Feedback.Up />
          <Feedback.Down>No</Feedback.Down>
          <Feedback.Status />
        </Feedback.Root>,
      ),
    )
    fireEvent.click(screen.getByRole('button', { name: 'Good answer' }))
    const parts = [...container.querySelectorAll<HTMLElement>('[data-raindrop]')].map(({ dataset }) =>
      Object.fromEntries(Object.entries(dataset)),
    )
    expect(parts).toEqual([
      { raindrop: 'root', state: 'held', vote: 'up', pending: '' },
      { raindrop: 'up', state: 'on', vote: 'up', pending: '' },
      { raindrop: 'down', state: 'off', vote: 'up', pending: '' },
      { raindrop: 'status', state: 'thanks', vote: 'up', pending: '' },
    ])
    expect(screen.getByText('No')).toBeTruthy()
  })

  it('all say their state, and none as the vote where there is none', () => {
    const { container } = render(
      inApp(
        <Feedback.Root eventId="e1">
          <Feedback.Down />
          <Feedback.EditTrigger />
          <Feedback.Copy text="x" />
          <Feedback.Status />
          <Feedback.Undo />
          <Feedback.Panel>
            <Feedback.Reason value="long" />
            <Feedback.Comment />
            <Feedback.Cancel />
            <Feedback.Submit />
          </Feedback.Panel>
        </Feedback.Root>,
      ),
    )
    expect((container.firstElementChild as HTMLElement).dataset['vote']).toBe('none')
    fireEvent.click(screen.getByRole('button', { name: 'Bad answer' }))
    const states = [...container.querySelectorAll<HTMLElement>('[data-raindrop]')].map(
      ({ dataset: { raindrop, state, vote } }) => `${raindrop} ${state} ${vote}`,
    )
    expect(states).toEqual([
      'root held down',
      'down on down',
      'edit closed down',
      'copy off down',
      'status thanks down',
      'undo held down',
      'panel open down',
      'reason off down',
      'comment held down',
      'cancel held down',
      'submit held down',
    ])
  })

  it('render into elements of yours: props, classes, styles, handlers and refs are merged', () => {
    const calls: string[] = []
    const [own, given, callback] = [createRef<HTMLButtonElement>(), createRef<HTMLElement>(), vi.fn()]
    render(
      inApp(
        <Feedback.Root eventId="e1" comment={false} render={<section ref={callback} />}>
          <Feedback.Up
            ref={given}
            className="given"
            style={{ color: 'red' }}
            onClick={() => void calls.push('given')}
            render={
              <Fancy
                ref={own}
                className="own"
                style={{ margin: 1 }}
                onClick={() => void calls.push('own')}
                title="Like"
              />
            }
          />
        </Feedback.Root>,
      ),
    )
    const button = screen.getByRole('button', { name: 'Good answer' })
    expect(button.matches('section > [data-fancy][data-raindrop=up].given.own[title=Like]')).toBe(true)
    expect(button.style).toMatchObject({ color: 'red', margin: '1px' })
    expect([own.current, given.current]).toEqual([button, button])
    expect(callback).toHaveBeenLastCalledWith(button.parentElement)
    fireEvent.click(button)
    expect(calls).toEqual(['own', 'given'])
    expect(button.getAttribute('aria-pressed')).toBe('true')
    cleanup()
    expect(given.current).toBeNull()
    expect(complaints).toEqual([])
  })

  it('hold back what they would do when your handler prevents it', () => {
    render(
      inApp(
        <Feedback.Root eventId="e1">
          <Feedback.Up onClick={(event) => event.preventDefault()} />
        </Feedback.Root>,
      ),
    )
    fireEvent.click(screen.getByRole('button'))
    expect(screen.getByRole('button').getAttribute('aria-pressed')).toBe('false')
  })

  it('do not lose the node between renders: a ref is set once', () => {
    const seen = vi.fn()
    const tree = (title: string) =>
      inApp(
        <Feedback.Root eventId="e1" title={title} ref={seen}>
          <Feedback.Up />
        </Feedback.Root>,
      )
    const { rerender } = render(tree('a'))
    const before = seen.mock.calls.length
    rerender(tree('b'))
    expect(seen).toHaveBeenCalledTimes(before)
  })

  it('make a panel of your own, with an edit in it', () => {
    const onSave = vi.fn()
    render(
      inApp(
        <Feedback.Root eventId="e1">
          <Feedback.Down />
          <Feedback.EditTrigger />
          <Feedback.Panel render={<aside />}>
            <Feedback.Reason value="long">Too long</Feedback.Reason>
            <Feedback.Comment rows={9} />
            <Feedback.Editor output="before" onSave={onSave} />
            <Feedback.Submit />
            <Feedback.Cancel />
          </Feedback.Panel>
        </Feedback.Root>,
      ),
    )
    expect(document.querySelector('aside')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: 'Bad answer' }))
    expect(screen.getByRole('textbox', { name: 'Tell us more' })).toHaveProperty('rows', 9)
    fireEvent.click(screen.getByRole('button', { name: 'Edit answer' }))
    expect(screen.queryByText('Too long')).toBeNull()
    const editor = screen.getByRole('textbox', { name: 'Edit answer' })
    expect(document.activeElement).toBe(editor)
    fireEvent.change(editor, { target: { value: 'after' } })
    fireEvent.click(screen.getByText('Save'))
    expect(onSave).toHaveBeenCalledExactlyOnceWith('after')
    // There is no status: the focus goes back to what opened the panel.
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Edit answer' }))
  })

  it('leave Escape to others where there is no panel to close', () => {
    render(
      inApp(
        <Feedback.Root eventId="e1">
          <Feedback.Down />
        </Feedback.Root>,
      ),
    )
    fireEvent.click(screen.getByRole('button'))
    expect(fireEvent.keyDown(screen.getByRole('button'), { key: 'Escape' })).toBe(true)
  })

  it('say where they belong', () => {
    expect(() => render(<Feedback.Up />)).toThrow('<Feedback.Root>')
  })

  it('render one group for a vote, however many there are', () => {
    const renders: string[] = []
    const Probe = ({ id }: { id: string }) => (
      <Feedback.Root eventId={id} comment={false} data-testid={id}>
        <Feedback.Up render={<Counted id={id} />} />
      </Feedback.Root>
    )
    const Counted = forwardRef<HTMLButtonElement, { id: string }>(({ id, ...props }, ref) => {
      renders.push(id)
      return <button {...props} ref={ref} />
    })
    const ids = Array.from({ length: 500 }, (_, index) => `e${index}`)
    render(
      <RaindropProvider client={client} labels={{ up: 'Yes' }} initialFeedback={{}}>
        {ids.map((id) => (
          <Probe key={id} id={id} />
        ))}
      </RaindropProvider>,
    )
    renders.length = 0
    act(() => client.feedback({ eventId: 'e7' }).vote('up'))
    expect(renders).toEqual(['e7'])
  })
})

describe('RaindropProvider', () => {
  it('renders nobody anew for labels and votes that are written inline', () => {
    let renders = 0
    const Probe = forwardRef<HTMLButtonElement, object>((props, ref) => {
      renders++
      return <button {...props} ref={ref} />
    })
    const group = (
      <Feedback.Root eventId="e1">
        <Feedback.Up render={<Probe />} />
      </Feedback.Root>
    )
    const tree = (up: string) => (
      <RaindropProvider client={client} labels={{ up }} initialFeedback={{ e1: { vote: 'up' } }}>
        {group}
      </RaindropProvider>
    )
    const { rerender } = render(tree('Yes'))
    const before = renders
    rerender(tree('Yes'))
    expect(renders).toBe(before)
    rerender(tree('Ja'))
    expect(screen.getByRole('button', { name: 'Ja' })).toBeTruthy()
  })

  it('shows another client its own votes', () => {
    const other = createTestRaindrop({ userId: 'u2' })
    const tree = (of: typeof client) => (
      <RaindropProvider client={of}>
        <Feedback.Root eventId="e1">
          <Feedback.Up />
        </Feedback.Root>
      </RaindropProvider>
    )
    const { rerender } = render(tree(client))
    fireEvent.click(screen.getByRole('button'))
    expect(screen.getByRole('button').dataset['state']).toBe('on')
    rerender(tree(other))
    expect(screen.getByRole('button').dataset['state']).toBe('off')
    expect(other.store.getState().feedback).toEqual({})
  })
})
