import { createInstance } from '@amplitude/analytics-browser'

export function open({ endpoint }) {
  const amplitude = createInstance()
  const started = amplitude.init('bench', {
    serverUrl: `${endpoint}/amplitude`,
    autocapture: false,
    remoteConfig: { fetchRemoteConfig: false },
  })
  return {
    ready: started.promise,
    track: ({ event, userId, properties }) => void amplitude.track(event, properties, { user_id: userId }),
  }
}
