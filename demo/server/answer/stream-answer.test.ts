import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestRaindrop } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AnswerPart } from './answer-part'
import { streamAnswer } from './stream-answer'

let root: string
const before = process.env.DEMO_DOCS_ROOT

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'raindrop-docs-'))
  mkdirSync(join(root, 'docs'))
  writeFileSync(
    join(root, 'docs/streams.md'),
    '# Streams\n\n## Errors\n\nA stream that fails is finished. See [delivery](delivery.md#outage).',
  )
  process.env.DEMO_DOCS_ROOT = root
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  if (before === undefined) delete process.env.DEMO_DOCS_ROOT
  else process.env.DEMO_DOCS_ROOT = before
})

it('searches and reads by tools that are spans of the interaction, and quotes what it read with its sources', async () => {
  const raindrop = createTestRaindrop({ tracing: createTracing() })
  const interaction = raindrop.begin({ event: 'docs_question', userId: 'u1', input: 'errors in streams' })
  const parts: AnswerPart[] = []
  for await (const part of streamAnswer({
    interaction,
    mode: { kind: 'quotes', model: 'extractive' },
    question: 'errors in streams',
    history: [],
    used: [],
    signal: new AbortController().signal,
  }))
    parts.push(part)
  interaction.finish('done')
  await raindrop.flush()

  const steps = parts.flatMap((part) => (part.kind === 'step' ? [part.tool] : []))
  expect(steps).toEqual(['search_docs', 'read_section'])
  expect(parts.find(({ kind }) => kind === 'sources')).toMatchObject({ sources: [{ id: 'docs/streams.md#errors' }] })
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
  expect(text).toContain('A stream that fails is finished.')
  expect(text).toContain('[delivery](/docs/delivery#outage)')

  const spans = raindrop.requests.filter(({ path }) => path.includes('traces')).map(({ body }) => JSON.stringify(body))
  for (const tool of ['search_docs', 'read_section']) expect(spans.join()).toContain(tool)
  expect(spans.join()).toContain(interaction.id)
  const event = raindrop.requests
    .flatMap(({ body }) => (Array.isArray(body) ? body : [body]))
    .find((one) => one.attachments)
  expect(event.attachments).toMatchObject([{ attachment_id: 'docs/streams.md#errors', role: 'input' }])
  await raindrop.shutdown()
})
