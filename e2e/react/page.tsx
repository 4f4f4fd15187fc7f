import { Raindrop } from 'raindrop-js'
import { FeedbackButtons, RaindropProvider } from 'raindrop-js/react'
import { Profiler, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

/** What the test asks for, in the query. */
interface Wish {
  relay: string
  groups?: number
  strict?: boolean
  props?: object
}

const wish = JSON.parse(new URLSearchParams(location.search).get('wish') ?? '{}') as Wish
const client = new Raindrop({ relay: wish.relay, requestTimeoutMs: 3_000, onError: () => undefined })
const drawn: string[] = []
Object.assign(globalThis, { client, drawn })

const app = (
  <RaindropProvider client={client}>
    <h1>Chat</h1>
    {Array.from({ length: wish.groups ?? 1 }, (_, index) => `message_${index}`).map((id) => (
      <article key={id} aria-label={id}>
        <p>An answer.</p>
        <Profiler id={id} onRender={(which) => drawn.push(which)}>
          <FeedbackButtons eventId={id} {...wish.props} />
        </Profiler>
      </article>
    ))}
    <button>After</button>
  </RaindropProvider>
)
createRoot(document.getElementById('app')!).render(wish.strict ? <StrictMode>{app}</StrictMode> : app)
