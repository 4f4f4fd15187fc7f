/** The read side of the ingest. The browser reaches it through this server, so it needs neither its port nor CORS. */
export const ingestUrl = (path: string) => new URL(path, process.env.INGEST_URL ?? 'http://127.0.0.1:8787')
