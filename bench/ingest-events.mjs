// Events on the wire as a busy product would send them: 2 KB each, with words that are common, rare and unique.
const WORDS = 4_000
const models = ['gpt-5', 'gpt-5-mini', 'claude-sonnet', 'gemini-flash']
const names = ['chat_message', 'support_chat', 'search', 'summarise']

/** The same events in every run. */
function random(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const next = random(7)
const syllables = ['ra', 'in', 'dro', 'pe', 'ti', 'on', 'que', 'del', 'sig', 'na', 'tra', 'ce', 'ven', 'lo', 'mi']
const word = () => Array.from({ length: 2 + Math.floor(next() * 3) }, () => syllables[Math.floor(next() * 15)]).join('')
const vocabulary = Array.from({ length: WORDS }, word)

/** By Zipf, roughly: the first words are in nearly every text, the last ones in few. */
function text(length) {
  let result = ''
  while (result.length < length) result += `${vocabulary[Math.floor(WORDS * next() ** 3)]} `
  return result.slice(0, length)
}

export const commonWord = vocabulary[0]
export const rareWord = vocabulary[WORDS - 1]

export function wireEvent(number, sentAt = new Date()) {
  return {
    event_id: `bench-${number}`,
    event: names[number % 17 === 0 ? 3 : number % 3],
    user_id: `user_${number % 5_000}`,
    timestamp: sentAt.toISOString(),
    ai_data: {
      model: models[number % 4],
      convo_id: `conversation_${number >> 2}`,
      input: text(500),
      output: `${text(900)} unique${number}`,
    },
    properties: {
      'ai.usage.prompt_tokens': 812 + (number % 50),
      'ai.usage.completion_tokens': 221,
      ...(number % 50 === 0 && { 'error.type': 'RateLimitError', 'error.message': 'The model is overloaded.' }),
      plan: 'paid',
      tags: ['support', 'billing', 'beta'],
      retrieval: [{ id: `doc_${number}`, score: 0.91, title: 'Refunds and cancellations' }],
      request: { path: '/api/chat', method: 'POST', status: 200, region: 'fra1' },
    },
  }
}

export function wireSignal(number) {
  const isUp = number % 4 !== 0
  return {
    event_id: `bench-${number}`,
    signal_name: isUp ? 'thumbs_up' : 'thumbs_down',
    sentiment: isUp ? 'POSITIVE' : 'NEGATIVE',
    properties: { $signal_id: `vote-${number}` },
  }
}

/** Posts prepared bodies, so many at a time, and fails on any answer but 200. */
export async function postAll(url, bodies, atOnce) {
  let next = 0
  const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' }
  const worker = async () => {
    while (next < bodies.length) {
      const body = bodies[next++]
      const response = await fetch(url, { method: 'POST', headers, body })
      const answer = await response.text()
      if (response.status !== 200) throw new Error(`${response.status}: ${answer}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
