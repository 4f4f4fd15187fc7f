import posthog from 'posthog-js'

export function open({ endpoint }) {
  posthog.init('bench', {
    api_host: `${endpoint}/posthog`,
    advanced_disable_flags: true,
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    disable_external_dependency_loading: true,
    disable_session_recording: true,
    disable_surveys: true,
    // A headless browser is a bot to it, and a burst of more than 100 a mistake.
    opt_out_useragent_filter: true,
    rate_limiting: { events_per_second: 10_000, events_burst_limit: 100_000 },
  })
  return { track: ({ event, properties }) => void posthog.capture(event, properties) }
}
