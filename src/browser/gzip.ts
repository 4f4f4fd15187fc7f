/** Looked up late, so that importing does nothing. Undefined where the browser cannot. */
export function createGzip(): ((text: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined {
  if (typeof CompressionStream === 'undefined') return undefined
  return async (text) => {
    // Bytes straight into the stream: a Blob in between costs a trip to the browser's process.
    const gzip = new CompressionStream('gzip')
    const writer = gzip.writable.getWriter()
    const written = writer.write(new TextEncoder().encode(text)).then(() => writer.close())
    const [packed] = await Promise.all([new Response(gzip.readable).arrayBuffer(), written])
    return new Uint8Array(packed)
  }
}
