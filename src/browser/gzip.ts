/** Looked up late, so that importing does nothing. Undefined where the browser cannot. */
export function createGzip(): ((text: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined {
  if (typeof CompressionStream === 'undefined') return undefined
  return async (text) => {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
    return new Uint8Array(await new Response(packed).arrayBuffer())
  }
}
