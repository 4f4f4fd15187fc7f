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
      for (const content of ['Pass it ', 'through `trackStream` ', '[1].'])
        response.write(chunk({ delta: { content } }))
      response.end(`${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`)
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
