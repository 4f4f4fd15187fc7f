import { Raindrop, type RaindropOptions } from 'raindrop-js'
import { startIngestServer } from 'raindrop-js/testing'

/** A span as it arrived, its attributes by name. */
export interface IngestedSpan {
  name: string
  spanId: string
  traceId: string
  parentSpanId?: string
  failed: boolean
  attributes: Record<string, unknown>
}

/** A client over a strict ingest on loopback, and what that took. */
export async function startIngested(options: RaindropOptions = {}) {
  const ingest = await startIngestServer()
  const raindrop = new Raindrop({ writeKey: 'key', endpoint: ingest.url, localDebugger: false, ...options })
  return {
    ingest,
    raindrop,
    /** Flushes first. */
    async events(): Promise<any[]> {
      await raindrop.flush()
      return ingest.events().map(({ body, pending }) => ({ ...body, pending }))
    },
    async spans(): Promise<IngestedSpan[]> {
      await raindrop.flush()
      return ingest.requests.filter(({ path }) => path.endsWith('/traces')).flatMap(({ body }) => spansOf(body))
    },
    async close(): Promise<void> {
      await raindrop.shutdown({ timeoutMs: 1_000 })
      await ingest.close()
    },
  }
}

export type Ingested = Awaited<ReturnType<typeof startIngested>>

function spansOf(body: any): IngestedSpan[] {
  const spans = body.resourceSpans.flatMap((resource: any) => resource.scopeSpans.flatMap((scope: any) => scope.spans))
  return spans.map((span: any) => ({
    name: span.name,
    spanId: span.spanId,
    traceId: span.traceId,
    parentSpanId: span.parentSpanId,
    failed: span.status?.code === 2,
    attributes: Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, Object.values(value)[0]])),
  }))
}
