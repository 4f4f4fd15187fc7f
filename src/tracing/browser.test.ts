// @vitest-environment jsdom
import { setTimeout as sleep } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { Raindrop } from '../edge/index.js'
import { byName, sentSpans } from '../../test/support/sent-spans.js'
import { createTracing } from './browser.js'

/** The entry as a page has it: no AsyncLocalStorage, so that a context ends at the first await. */
function start(options?: Parameters<typeof createTracing>[0]) {
  const requests: Array<{ path: string; body: any }> = []
  const getBuiltinModule = process.getBuiltinModule
  process.getBuiltinModule = undefined as never
  const raindrop = new Raindrop({
    writeKey: 'k',
    tracing: createTracing(options),
    fetch: async (input, init) => {
      requests.push({ path: String(input), body: JSON.parse(String(init?.body)) })
      return new Response(null, { status: 204 })
    },
  })
  raindrop.withTask('first frame', () => undefined)
  process.getBuiltinModule = getBuiltinModule
  return {
    raindrop,
    async spans() {
      await raindrop.flush()
      return byName(sentSpans(requests))
    },
  }
}

afterEach(() => {
  trace.disable()
  context.disable()
})

describe('tracing in a browser', () => {
  it('records spans under their interaction, also after an await, where it is named', async () => {
    const { raindrop, spans } = start()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    await interaction.withTask('send', async () => {
      interaction.withTool('before', () => undefined)
      await sleep(1)
      interaction.withTool('after', () => undefined)
      interaction.startSpan({ kind: 'tool', name: 'manual' }).end()
      raindrop.withTool('nobody’s', () => undefined)
    })
    const { send, before, after, manual, 'nobody’s': lost } = await spans()
    expect(before?.parentSpanId).toBe(send?.spanId)
    for (const span of [before, after, manual]) {
      expect(span?.traceId).toBe(send?.traceId)
      expect(span?.attributes['ai.telemetry.metadata.raindrop.eventId']).toBe(interaction.id)
    }
    expect(lost?.parentSpanId).toBeUndefined()
    expect(JSON.stringify(lost)).not.toContain(interaction.id)
  })

  it('keeps its provider to itself, unless asked', async () => {
    const before = trace.getTracerProvider()
    start()
    expect(trace.getTracer('host').startSpan('x').isRecording()).toBe(false)
    const { raindrop, spans } = start({ registerGlobally: true })
    raindrop
      .begin({ event: 'chat', userId: 'u' })
      .withTask('task', () => trace.getTracer('host').startSpan('theirs').end())
    const { task, theirs } = await spans()
    expect(theirs).toMatchObject({ traceId: task?.traceId, parentSpanId: task?.spanId })
    expect(trace.getTracerProvider()).toBe(before)
  })

  it('names the service and nothing else', async () => {
    const { raindrop, spans } = start({ serviceName: 'web' })
    raindrop.withTask('task', () => undefined)
    expect((await spans())['task']).toMatchObject({ service: 'web', resource: ['service.name'] })
  })
})
