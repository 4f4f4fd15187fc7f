import { createRaindrop, type Raindrop } from 'raindrop-js'

const globals = globalThis as { demoRaindrop?: Raindrop }

/**
 * One client for the whole server, made with the first question. It is kept on `globalThis` since `next dev` evaluates this module again
 * after every change, and each client would bring its own queue.
 */
export function getRaindrop(): Raindrop {
  globals.demoRaindrop ??= createRaindrop({
    writeKey: process.env.RAINDROP_WRITE_KEY ?? 'demo-key',
    endpoint: process.env.RAINDROP_ENDPOINT ?? 'http://127.0.0.1:8787/v1/',
  })
  return globals.demoRaindrop
}
