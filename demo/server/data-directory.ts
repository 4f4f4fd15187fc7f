import { resolve } from 'node:path'

/** Where this server keeps what must survive it. `next` runs in demo/, and the folder lies beside it. */
export const dataDirectory = () => resolve(/* turbopackIgnore: true */ process.env.RAINDROP_DATA_DIR || '../.data')
