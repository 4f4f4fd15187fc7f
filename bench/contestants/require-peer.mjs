import { createRequire } from 'node:module'

/** Peers are installed beside the bench, never by the package. */
export const requirePeer = createRequire(new URL('../.peers/package.json', import.meta.url))
