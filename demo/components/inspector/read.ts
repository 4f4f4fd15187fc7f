/** The read side of the ingest, as this server hands it through. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`/api/inspector/${path}`, signal ? { signal } : {})
  if (!response.ok) throw new ReadError(response.status)
  return (await response.json()) as T
}

export class ReadError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`The ingest answered ${status}.`)
    this.status = status
  }
}
