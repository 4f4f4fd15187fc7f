const globals = globalThis as { demoStopping?: AbortController }

/**
 * Aborted when this server is asked to stop. Next waits for every response to end, and a live stream never does by itself. On `globalThis` for
 * the reason told in raindrop.ts.
 */
export function stopping(): AbortSignal {
  if (!globals.demoStopping) {
    const controller = new AbortController()
    globals.demoStopping = controller
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => controller.abort())
  }
  return globals.demoStopping.signal
}
