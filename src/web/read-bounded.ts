/** The whole of a stream, or undefined as soon as more than `maxBytes` came: what is left is cancelled, and not read. */
export async function readBounded(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = stream?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    length += read.value.byteLength
    if (length > maxBytes) {
      // A source that fails while it is told to stop has stopped.
      reader?.cancel().catch(() => undefined)
      return undefined
    }
    chunks.push(read.value)
  }
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

/** Unpacks gzip and stops as soon as more than `maxBytes` came out, so that a small bomb stays small. Rejects for what is no gzip. */
export async function gunzipBounded(
  packed: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return await readBounded(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes)
}
