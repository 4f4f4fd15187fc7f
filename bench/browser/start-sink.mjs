import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts a sink and gives its commands: `up`, `down`, `look`, `reset`, `fault`. */
export async function startSink() {
  const child = fork(new URL('sink.mjs', import.meta.url))
  const [{ port }] = await once(child, 'message')
  const waiting = new Map()
  let asked = 0
  child.on('message', ({ id, result }) => {
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  const ask = (name) => (value) =>
    new Promise((resolve) => {
      waiting.set(++asked, resolve)
      child.send({ id: asked, name, value })
    })
  return {
    endpoint: `http://127.0.0.1:${port}`,
    up: ask('up'),
    down: ask('down'),
    look: ask('look'),
    reset: ask('reset'),
    fault: ask('fault'),
    close: () => child.kill(),
  }
}
