import { setTimeout as delay } from 'node:timers/promises'

const wordsPerChunk = 4
const chunkMs = 14

/** A quoted answer is there at once; it is streamed so that both modes take the same way through the SDK and onto the page. */
export async function* streamWords(text: string, signal: AbortSignal): AsyncGenerator<string> {
  const words = text.split(/(?<=\s)(?=\S)/)
  for (let at = 0; at < words.length; at += wordsPerChunk) {
    if (signal.aborted) return
    yield words.slice(at, at + wordsPerChunk).join('')
    await delay(chunkMs)
  }
}
