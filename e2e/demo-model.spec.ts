import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { createDemo, type Demo } from './demo-process'

let demo: Demo
let model: Server
const prompts: string[] = []
let isBroken = false

test.beforeAll(async () => {
  test.setTimeout(300_000)
  model = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      prompts.push(body)
      if (isBroken)
        return void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const { messages } = JSON.parse(body) as { messages: Array<{ role: string; content: unknown }> }
      const asked = JSON.stringify(messages.findLast(({ role }) => role === 'user'))
      // Never more than its beginning, until nobody listens any more.
      if (asked.includes('for ever')) return void response.write(chunk({ delta: { content: 'It goes on' } }))
      if (asked.includes('outage') && messages.at(-1)?.role !== 'tool') {
        response.write(chunk({ delta: { tool_calls: [toolCall('search_docs', { query: 'server down' })] } }))
        return void response.end(`${chunk({ delta: {}, finish_reason: 'tool_calls' })}${usage}data: [DONE]\n\n`)
      }
      for (const content of ['Pass it ', 'through `trackStream` ', '[1].'])
        response.write(chunk({ delta: { content } }))
      response.end(`${chunk({ delta: {}, finish_reason: 'stop' })}${usage}data: [DONE]\n\n`)
    })
  })
  await new Promise<void>((done) => model.listen(0, '127.0.0.1', done))
  const { port } = model.address() as AddressInfo
  demo = await createDemo({ OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'test-model' })
  await demo.start()
})
test.afterAll(async () => {
  await demo.dispose()
  model.close()
})

const chunk = (choice: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'test-model', choices: [{ index: 0, ...choice }] })}\n\n`

const usage = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'test-model', choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } })}\n\n`

const toolCall = (name: string, input: object) => ({
  index: 0,
  id: `call_${name}`,
  type: 'function',
  function: { name, arguments: JSON.stringify(input) },
})

const stored = async (eventId: string) => {
  const response = await fetch(`${demo.url}/api/inspector/events/${eventId}`)
  return (await response.json()) as {
    pending: boolean
    body: { ai_data: object; properties: object; attachments: object[] }
  }
}

test('a configured model answers from the passages, and the page says so', async ({ page }) => {
  await page.goto(demo.url)
  await expect(page.getByText('Answered by test-model')).toBeVisible()
  await page.getByRole('button', { name: 'How do I track a streamed answer?' }).click()
  const answer = page.getByRole('article', { name: 'Answer' })
  await expect(answer).toContainText('Pass it through trackStream')
  await expect(answer.getByRole('link', { name: 'Source 1' })).toBeVisible()
  expect(prompts.at(-1)).toContain('the interaction is finished with what went by')

  await answer.getByRole('link', { name: 'See this event in the inspector' }).click()
  const event = page.getByRole('article', { name: 'Event' })
  await expect(event).toContainText('test-model')
  await expect(event.getByRole('region', { name: 'Output' })).toContainText('Pass it through `trackStream` [1].')
})

test('a model that calls a tool gets what it finds, and the event has its tokens and all passages', async ({
  page,
}) => {
  await page.goto(demo.url)
  await page.getByLabel('Your question').fill('What is tracked in a stream, and what in an outage?')
  await page.keyboard.press('Enter')
  const answer = page.getByRole('article', { name: 'Answer' })
  await expect(answer).toHaveAttribute('data-status', 'done')
  await expect(answer.getByRole('listitem')).toHaveCount(2)
  expect(prompts.at(-1)).toContain('Events stay queued')

  const href = await answer.getByRole('link', { name: 'See this event in the inspector' }).getAttribute('href')
  const eventId = new URL(href ?? '', demo.url).searchParams.get('event') ?? ''
  await expect.poll(async () => (await stored(eventId)).pending).toBe(false)
  expect((await stored(eventId)).body).toMatchObject({
    ai_data: { model: 'test-model', output: 'Pass it through `trackStream` [1].' },
    properties: { 'ai.usage.prompt_tokens': 22, 'ai.usage.completion_tokens': 14 },
    attachments: [{}, {}],
  })
})

test('an answer that is stopped keeps what was there of it, and is tracked as aborted', async ({ page }) => {
  await page.goto(demo.url)
  await page.getByLabel('Your question').fill('Does a stream go on for ever?')
  await page.keyboard.press('Enter')
  const answer = page.getByRole('article', { name: 'Answer' })
  await expect(answer).toContainText('It goes on')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(answer).toContainText('The answer was stopped here.')
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible()
  const href = await answer.getByRole('link', { name: 'See this event in the inspector' }).getAttribute('href')
  const eventId = new URL(href ?? '', demo.url).searchParams.get('event') ?? ''
  await expect
    .poll(() => stored(eventId))
    .toMatchObject({ pending: false, body: { ai_data: { output: 'It goes on' }, properties: { aborted: true } } })
  await page.reload()
  await expect(answer).toContainText('It goes on')
})

test('an answer that fails says so, and is tracked as finished with its error', async ({ page }) => {
  isBroken = true
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'How do I track a streamed answer?' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'The answer broke off' })).toBeVisible()
  await page.getByRole('link', { name: 'See this event in the inspector' }).click()
  const event = page.getByRole('article', { name: 'Event' })
  await expect(event).toContainText('Finished')
  await expect(event.getByRole('region', { name: 'Properties' })).toContainText('error')
})
