/* global document, globalThis, performance */
import { Raindrop } from 'raindrop-js'
import { FeedbackButtons, RaindropProvider } from 'raindrop-js/react'
import { useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'

/** What one would write without thinking about it. */
function PlainButtons({ id }) {
  return (
    <div>
      <button onClick={() => globalThis.voted(id, 'up')}>Good answer</button>
      <button onClick={() => globalThis.voted(id, 'down')}>Bad answer</button>
    </div>
  )
}

/** The same with a vote of their own that can be seen and heard. */
function PlainToggles() {
  const [vote, setVote] = useState(null)
  const toggle = (next) => setVote((before) => (before === next ? null : next))
  return (
    <div role="group" aria-label="Feedback">
      <button aria-pressed={vote === 'up'} onClick={() => toggle('up')}>
        Good answer
      </button>
      <button aria-pressed={vote === 'down'} onClick={() => toggle('down')}>
        Bad answer
      </button>
    </div>
  )
}

const client = new Raindrop({ relay: '/relay', storage: 'memory', userId: 'visitor' })
const groups = {
  buttons: (id) => <PlainButtons key={id} id={id} />,
  toggles: (id) => <PlainToggles key={id} />,
  feedback: (id) => <FeedbackButtons key={id} eventId={id} />,
}

/** Milliseconds of the first render of `count` groups: with the layout, and until the effects have run. */
globalThis.firstRender = async (kind, count) => {
  const place = document.body.appendChild(document.createElement('main'))
  const root = createRoot(place)
  // Ids of their own: nothing is known of them.
  const ids = Array.from({ length: count }, () => Math.random().toString(36).slice(2))
  const app = <RaindropProvider client={client}>{ids.map(groups[kind])}</RaindropProvider>
  const startedAt = performance.now()
  flushSync(() => root.render(app))
  void place.offsetHeight
  const shown = performance.now() - startedAt
  await new Promise((resolve) => setTimeout(resolve))
  const settled = performance.now() - startedAt
  root.unmount()
  place.remove()
  return { shown, settled }
}
