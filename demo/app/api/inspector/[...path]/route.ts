import { ingestUrl } from '../../../../server/ingest-api'
import { stopping } from '../../../../server/stopping'

/** Hands the read side of the ingest through, its live stream included. */
export async function GET(request: Request, { params }: { params: Promise<{ path: string[] }> }): Promise<Response> {
  const path = (await params).path.map(encodeURIComponent).join('/')
  const url = ingestUrl(`/api/${path}`)
  url.search = new URL(request.url).search
  try {
    const signal = AbortSignal.any([request.signal, stopping()])
    const { status, headers, body } = await fetch(url, { signal, cache: 'no-store' })
    return new Response(body, {
      status,
      headers: {
        'content-type': headers.get('content-type') ?? 'application/json',
        'cache-control': 'no-store, no-transform',
        ...(headers.has('content-disposition') && { 'content-disposition': headers.get('content-disposition') ?? '' }),
      },
    })
  } catch {
    return Response.json({ error: 'The ingest does not answer.' }, { status: 502 })
  }
}
