/**
 * The server's side of a browser without a key: `createRelay` takes what browsers track, `createFeedbackTokens` decides who may judge what.
 * Web standards only, Request in and Response out: Node, Next.js, Hono, Workers, Deno, Bun. Importing it does nothing.
 *
 * @packageDocumentation
 */
export { createRelay, type RelayAnswer, type RelayOptions } from './relay.js'
export type { RejectReason } from './record.js'
export type { SeenIds } from './seen.js'
export {
  createFeedbackTokens,
  type FeedbackTokens,
  type FeedbackTokensOptions,
  type MintOptions,
  type TokenVerdict,
} from './tokens.js'
