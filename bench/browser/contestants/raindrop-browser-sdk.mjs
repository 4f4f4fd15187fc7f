import { Raindrop } from '@raindrop-ai/browser-sdk'

export function open({ endpoint }) {
  const raindrop = new Raindrop({ apiKey: 'bench', baseUrl: `${endpoint}/official/v1/` })
  return {
    // It rejects where it could not deliver; an app that does nothing about it is the common case.
    track: ({ event, userId, properties: { text, ...properties } }) =>
      void raindrop.trackAi({ event, userId, input: text, properties }).catch(() => undefined),
  }
}
