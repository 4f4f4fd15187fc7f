import { createFeedbackTokens, type FeedbackTokens } from 'raindrop-js/relay'
import { keyFor } from './secret'

const globals = globalThis as { demoTokens?: FeedbackTokens }

/** What lets a page judge the answers that it was handed, and no others. */
export function getTokens(): FeedbackTokens {
  globals.demoTokens ??= createFeedbackTokens({ secret: keyFor('feedback tokens') })
  return globals.demoTokens
}
