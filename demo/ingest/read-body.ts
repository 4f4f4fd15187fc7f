import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'

/** More than any client of this protocol sends at once: a batch is 1 MiB, or one event with its own limit of 1 MiB. */
export const maxBodyBytes = 10 * 1_048_576

export class BodyError extends Error {
  constructor(
    readonly status: 400 | 413,
    message: string,
  ) {
    super(message)
  }
}

/** The whole body as text, unpacked if it is gzip. The bound holds for what was sent and for what it unpacks to. */
export async function readBody(request: IncomingMessage, isGzip: boolean): Promise<string> {
  const source = isGzip ? request.pipe(createGunzip()) : request
  // `pipe` does not pass errors on: a client that goes away must not leave us waiting.
  if (isGzip) request.once('error', (error) => source.destroy(error)).once('aborted', () => source.destroy(new Error('aborted')))
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBodyBytes) throw new BodyError(413, `The body is larger than ${maxBodyBytes} bytes. Send smaller batches.`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof BodyError) throw error
    throw new BodyError(400, isGzip ? 'The body could not be unpacked as gzip.' : 'The body could not be read.')
  }
  return Buffer.concat(chunks).toString('utf8')
}
