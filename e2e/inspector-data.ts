/** Some of everything that the inspector shows, through the doors that clients use. */
export interface Seeded {
  /** With attachments of every type, an edit, a comment, a replaced vote and a trace. */
  rich: string
  failed: string
  open: string
  convo: string
}

const trace = 'ab'.repeat(16)
const span = (
  id: number,
  parent: number | null,
  name: string,
  from: number,
  to: number,
  more: Record<string, string>,
  code = 1,
) => ({
  traceId: trace,
  spanId: id.toString(16).padStart(16, '0'),
  ...(parent !== null && { parentSpanId: parent.toString(16).padStart(16, '0') }),
  name,
  startTimeUnixNano: String(BigInt(started + from) * 1_000_000n),
  endTimeUnixNano: String(BigInt(started + to) * 1_000_000n),
  attributes: Object.entries(more).map(([key, value]) => ({ key, value: { stringValue: value } })),
  status: { code, ...(code === 2 && { message: 'The index was busy.' }) },
})

const started = Date.now() - 4_000
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const models = ['gpt-5', 'gpt-5-mini', 'claude-sonnet']
const questions = [
  'How do I track a streamed answer?',
  'What happens to events while the server is down?',
  'Where do I put the write key in a browser?',
  'How are retries spaced?',
]

export async function seedInspector(ingestUrl: string): Promise<Seeded> {
  const send = async (path: string, body: unknown) => {
    const response = await fetch(`${ingestUrl}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString()

  await send('users/identify', [{ user_id: 'ada', traits: { name: 'Ada', plan: 'paid' } }])
  await send(
    'events/track',
    Array.from({ length: 70 }, (_, index) => ({
      event_id: `seed-${index}`,
      event: index % 3 === 0 ? 'support_chat' : 'docs_question',
      user_id: index % 2 === 0 ? 'ada' : 'grace',
      timestamp: at(index % 7),
      ai_data: {
        input: `${questions[index % 4]} (${index})`,
        output: 'Pass the stream through `trackStream`: the interaction is finished with what went by.',
        model: models[index % 3],
        convo_id: `convo-${Math.floor(index / 5)}`,
      },
      properties: { 'ai.usage.prompt_tokens': 400 + index, 'ai.usage.completion_tokens': 90 + index },
    })),
  )
  await send(
    'signals/track',
    Array.from({ length: 30 }, (_, index) => ({
      event_id: `seed-${index * 2}`,
      signal_name: index % 4 === 0 ? 'thumbs_down' : 'thumbs_up',
      sentiment: index % 4 === 0 ? 'NEGATIVE' : 'POSITIVE',
      properties: { $signal_id: `seed-vote-${index}` },
    })),
  )
  await send('events/track', [
    {
      event_id: 'failed-1',
      event: 'docs_question',
      user_id: 'grace',
      timestamp: at(2),
      ai_data: { input: 'Summarise all of it', model: 'gpt-5', convo_id: 'convo-x' },
      properties: { 'error.type': 'RateLimitError', 'error.message': 'The model is overloaded.' },
    },
  ])
  await send('events/track', [
    {
      event_id: 'rich-1',
      event: 'support_chat',
      user_id: 'ada',
      timestamp: at(4),
      ai_data: {
        input: '<b>Not bold</b>: how do I track a zebra stream?',
        output: 'Use trackStream and wait for its end.',
        model: 'gpt-5',
        convo_id: 'convo-x',
      },
      properties: {
        'ai.usage.prompt_tokens': 812,
        'ai.usage.completion_tokens': 64,
        trace_id: trace,
        stage: 'answered',
      },
      attachments: [
        {
          type: 'code',
          role: 'output',
          name: 'example.ts',
          language: 'typescript',
          value: "const answer = await raindrop.trackStream('x') // 42\n",
          attachment_id: 'code-1',
        },
        { type: 'text', role: 'input', name: 'docs/streams.md', value: 'It goes on unchanged.' },
        { type: 'image', role: 'output', name: 'chart.png', value: pixel },
        {
          type: 'iframe',
          role: 'output',
          name: 'preview',
          value: '<h1>Preview</h1><script>parent.document.title = "escaped"</script>',
        },
      ],
    },
  ])
  let given = 0
  const vote = (id: string, name: string, sentiment: string | null, more: Record<string, unknown> = {}) => ({
    event_id: 'rich-1',
    signal_name: name,
    timestamp: new Date(Date.now() + (given += 1)).toISOString(),
    ...(sentiment && { sentiment }),
    properties: { $signal_id: id, ...more },
  })
  await send('signals/track', [vote('rich-up', 'thumbs_up', 'POSITIVE')])
  await send('signals/track', [
    vote('rich-down', 'thumbs_down', 'NEGATIVE', { replaces: 'rich-up' }),
    {
      ...vote('rich-comment', 'user_feedback', 'NEGATIVE', { comment: '=HYPERLINK("http://evil") <i>too short</i>' }),
      signal_type: 'feedback',
    },
    {
      ...vote('rich-edit', 'user_edit', null, {
        before: 'Use trackStream and wait for its end.',
        after: 'Use trackStream and read it to its end.',
      }),
      signal_type: 'edit',
    },
  ])
  const of = (name: string, kind: string, more: Record<string, string> = {}) => ({
    'traceloop.span.kind': kind,
    'traceloop.entity.name': name,
    'traceloop.association.properties.event_id': 'rich-1',
    ...more,
  })
  await send('traces', {
    resourceSpans: [
      {
        resource: { attributes: [] },
        scopeSpans: [
          {
            scope: { name: 'e2e' },
            spans: [
              span(1, null, 'answer', 0, 1_850, of('answer', 'workflow')),
              span(
                2,
                1,
                'search_docs',
                20,
                420,
                of('search_docs', 'tool', {
                  'traceloop.entity.input': '{"query":"zebra stream"}',
                  'traceloop.entity.output': '[{"id":"docs/streams.md"}]',
                }),
              ),
              span(3, 2, 'rank', 200, 390, { 'traceloop.span.kind': 'task' }),
              span(
                4,
                1,
                'read_section',
                430,
                640,
                of('read_section', 'tool', { 'traceloop.entity.input': '{"id":"docs/streams.md"}' }),
                2,
              ),
              span(5, 1, 'chat gpt-5', 650, 1_840, of('chat', 'llm', { 'gen_ai.request.model': 'gpt-5' })),
            ],
          },
        ],
      },
    ],
  })
  await send('events/track_partial', {
    event_id: 'open-1',
    event: 'docs_question',
    user_id: 'grace',
    timestamp: at(1),
    ai_data: { input: 'Is it still going on?', model: 'gpt-5-mini', convo_id: 'convo-x' },
    is_pending: true,
  })
  return { rich: 'rich-1', failed: 'failed-1', open: 'open-1', convo: 'convo-x' }
}
