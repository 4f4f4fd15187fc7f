import type { IncomingMessage } from 'node:http'

/** More than any client of this protocol sends at once: a batch is 1 MiB, or one event with its own limit of 1 MiB. */
export const maxBodyBytes = 10 * 1_048_576

/** The body as it came. Undefined as soon as it is too large: the rest stays unread, so the connection cannot be used again. */
export async function readBytes(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
