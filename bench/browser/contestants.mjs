import { PEERS } from './peers.mjs'

export const OURS = 'raindrop-js'
export const FLOOR = 'floor'

/** The least that an app imports of each, for the size. What is made of it is in `contestants/`. */
const IMPORTS = {
  'raindrop-browser-sdk': '{ Raindrop }',
  langfuse: '{ Langfuse }',
  sentry: '{ captureEvent, init, makeBrowserOfflineTransport, makeFetchTransport }',
  amplitude: '{ createInstance }',
  segment: '{ AnalyticsBrowser }',
  posthog: '{ default }',
  snowplow: '{ newTracker, trackSelfDescribingEvent }',
  [OURS]: '{ Raindrop }',
}

/** In the order of the table: ours is the last column. */
export const CONTESTANTS = [...Object.keys(PEERS), OURS]

export const exportOf = (contestant) => `export ${IMPORTS[contestant]} from '${PEERS[contestant]?.name ?? contestant}'`
