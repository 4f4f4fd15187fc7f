/** The read side of the ingest. The browser reaches it through this server, so it needs neither its port nor CORS. */
export const ingestUrl = (path: string) => new URL(path, process.env.INGEST_URL ?? 'http://127.0.0.1:8787')

/** What a page is made with; null where the ingest does not answer, or has nothing there. */
export async function readIngest<T>(path: string): Promise<T | null> {
  try {
    const response = await fetch(ingestUrl(path), { cache: 'no-store', signal: AbortSignal.timeout(2_000) })
    return response.ok ? ((await response.json()) as T) : null
  } catch {
    return null
  }
}
