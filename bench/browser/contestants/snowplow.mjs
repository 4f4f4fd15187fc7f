import { newTracker, trackSelfDescribingEvent } from '@snowplow/browser-tracker'

export function open({ endpoint }) {
  newTracker('bench', endpoint, { appId: 'bench', postPath: '/snowplow/tp2' })
  return {
    track: ({ event, userId, properties }) =>
      void trackSelfDescribingEvent({
        event: { schema: `iglu:bench/${event}/jsonschema/1-0-0`, data: { userId, ...properties } },
      }),
  }
}
