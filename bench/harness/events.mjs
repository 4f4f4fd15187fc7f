// The same events for all. CommonJS and ESM children, CPU and memory figures take them from here.

/** In every event once, whatever shape a contestant gives it: the sink counts by it. */
export const MARK = 'one-event'

const WORDS =
  'the answer to a question about "billing" is found where refunds and invoices are explained, and then the user asks how long it takes\n'
const TEXT_BYTES = 64 * 1024
const INPUT_CHARS = 560
const OUTPUT_CHARS = 860

const source = Buffer.alloc(TEXT_BYTES, WORDS)

/**
 * A string of its own, with its number in it. Not a slice or a concatenation: V8 would make those point into a text that all events
 * share, and memory would look cheaper than it is.
 */
function makeText(number, length) {
  const start = (number * 61) % (TEXT_BYTES - length)
  source.write(`#${number} `, start)
  return source.latin1Slice(start, start + length)
}

/** An AI event of 2 KB as JSON. */
export function makeEvent(number) {
  return {
    event: 'chat_message',
    userId: `user_${number % 1_000}`,
    convoId: `conversation_${number >> 2}`,
    model: 'gpt-4o',
    input: makeText(number, INPUT_CHARS),
    output: makeText(number + 7, OUTPUT_CHARS),
    properties: {
      bench: MARK,
      plan: 'paid',
      locale: 'en-GB',
      cached: false,
      temperature: 0.7,
      latencyMs: 800 + (number % 400),
      tags: ['support', 'billing', 'beta'],
      usage: { promptTokens: 812 + (number % 50), completionTokens: 221, cost: 0.00231 },
      retrieval: [
        { id: `doc_${number}`, score: 0.91, title: 'Refunds and cancellations' },
        { id: `doc_${number + 1}`, score: 0.87, title: 'How billing works' },
      ],
      request: { path: '/api/chat', method: 'POST', status: 200, region: 'fra1' },
    },
  }
}

export function makeEvents(count, first = 0) {
  return Array.from({ length: count }, (_, index) => makeEvent(first + index))
}
