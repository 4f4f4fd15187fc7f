// The same events for all. Prose that repeats itself would flatter whoever compresses, and noise whoever does not.
import { readdirSync, readFileSync } from 'node:fs'

const DOCS = new URL('../../docs/', import.meta.url)

const KILOBYTE = 1_024

/** Stands in every event once: the sink finds it in whatever a contestant makes of the event. */
export const markOf = (index) => `mark${String(index).padStart(6, '0')}x`

function readWords() {
  const texts = readdirSync(DOCS)
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, DOCS), 'utf8').replaceAll(/```[^]*?```/g, ' '))
  return texts.join(' ').match(/[A-Za-z][a-z']*/g)
}

/** Mulberry32: the same texts in every run. */
function createChance(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

let words

/** Words of these docs, drawn one by one, each as often as it is used there. */
function makeText(index, chars) {
  words ??= readWords()
  const chance = createChance(index + 1)
  let text = ''
  while (text.length < chars) text += `${words[Math.floor(chance() * words.length)]} `
  return text.slice(0, chars)
}

/** From here on marks are of events that nobody counts: those that a page tracks when it opens, and after an outage. */
export const UNCOUNTED = 10_000

/** An event whose JSON has `bytes` bytes. */
export function makeEvent(index, bytes) {
  const event = {
    event: 'chat_message',
    userId: `user_${index % 50}`,
    properties: { mark: markOf(index), plan: 'paid', latencyMs: 800 + (index % 400), text: '' },
  }
  event.properties.text = makeText(index, bytes - JSON.stringify(event).length)
  return event
}

export const makeEvents = (count, first = 0, bytes = KILOBYTE) =>
  Array.from({ length: count }, (_, at) => makeEvent(first + at, bytes))
