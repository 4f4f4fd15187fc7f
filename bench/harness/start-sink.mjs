import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts the sink. Each measurement gets an address of its own, under which it is counted. */
export async function startSink() {
  const child = fork(new URL('sink.mjs', import.meta.url))
  const [port] = await once(child, 'message')
  let measurements = 0
  return {
    newAddress: () => `http://127.0.0.1:${port}/m${++measurements}`,
    close: () => child.kill(),
  }
}
