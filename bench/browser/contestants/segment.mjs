import { AnalyticsBrowser } from '@segment/analytics-next'

/** Settings are given, not fetched: the CDN is not what is measured. */
export function open({ endpoint }) {
  const { host, protocol } = new URL(endpoint)
  const settings = { apiKey: 'bench', apiHost: `${host}/segment`, protocol: protocol.replace(':', '') }
  const analytics = AnalyticsBrowser.load(
    { writeKey: 'bench', cdnSettings: { integrations: { 'Segment.io': settings } } },
    { integrations: { 'Segment.io': settings } },
  )
  return {
    ready: analytics.then(() => undefined),
    track: ({ event, userId, properties }) => analytics.track(event, { userId, ...properties }),
  }
}
