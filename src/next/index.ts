/**
 * raindrop-js in the App Router of Next.js. Importing it does nothing, and needs no `next`.
 *
 * @packageDocumentation
 */
export { createRelayRoute } from './relay-route.js'
export { flushAfter } from './flush-after.js'
