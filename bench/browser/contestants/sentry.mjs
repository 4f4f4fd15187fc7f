import { captureEvent, init, makeBrowserOfflineTransport, makeFetchTransport } from '@sentry/browser'

export function open({ endpoint }) {
  init({
    dsn: endpoint.replace('//', '//bench@') + '/1',
    defaultIntegrations: false,
    transport: makeBrowserOfflineTransport(makeFetchTransport),
    // What waited is sent when the page is opened again, not only after the next success.
    transportOptions: { flushAtStartup: true },
  })
  return {
    track: ({ event, userId, properties }) =>
      void captureEvent({ message: event, level: 'info', user: { id: userId }, extra: properties }),
  }
}
