/** A span as it arrived, its attributes as a plain object. */
export interface SentSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  startMs: number
  endMs: number
  status: { code: number; message?: string }
  attributes: Record<string, any>
  events: Array<{ name: string; attributes: Record<string, any> }>
  service: string
  /** Names of the resource's attributes. */
  resource: string[]
  scope: string
}

type KeyValue = { key: string; value: Record<string, any> }

function valueOf(value: Record<string, any>): unknown {
  if ('intValue' in value) return Number(value['intValue'])
  if ('arrayValue' in value) return value['arrayValue'].values.map(valueOf)
  return Object.values(value)[0]
}

const plain = (list: KeyValue[] = []) => Object.fromEntries(list.map(({ key, value }) => [key, valueOf(value)]))

/** Every span in these requests, in order of arrival. */
export function sentSpans(requests: ReadonlyArray<{ path: string; body: any }>): SentSpan[] {
  return requests.filter(({ path }) => path.endsWith('/traces')).flatMap(({ body }) => spansIn(body))
}

function spansIn(body: any): SentSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ scope, spans }: any) =>
      spans.map((span: any) => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        status: span.status,
        attributes: plain(span.attributes),
        events: span.events.map((event: any) => ({ name: event.name, attributes: plain(event.attributes) })),
        service: plain(resource.attributes)['service.name'],
        resource: resource.attributes.map(({ key }: KeyValue) => key),
        scope: scope.name,
      })),
    ),
  )
}

/** By name; each name once. */
export function byName(spans: readonly SentSpan[]): Record<string, SentSpan> {
  return Object.fromEntries(spans.map((span) => [span.name, span]))
}

const ASSOCIATION = 'traceloop.association.properties.'
export const association = ({ attributes }: SentSpan, name: string) => attributes[ASSOCIATION + name]
