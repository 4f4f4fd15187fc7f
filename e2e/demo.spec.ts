import { expect, test, type Page } from '@playwright/test'
import { createDemo, type Demo } from './demo-process'

let demo: Demo

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  // The first start builds the pages.
  test.setTimeout(300_000)
  demo = await createDemo()
  await demo.start()
})
test.afterAll(() => demo.dispose())

const question = 'How do I track a streamed answer?'

const list = (page: Page) => page.getByRole('list', { name: 'Events, newest first' })
const line = (page: Page, text: string) => list(page).getByRole('link').filter({ hasText: text }).first()
const isLive = (page: Page) => expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()

const send = (path: string, body: unknown) =>
  fetch(`${demo.ingestUrl}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a question is answered as a stream with its sources, and shows in the inspector without a reload', async ({
  context,
}) => {
  const inspector = await context.newPage()
  await inspector.goto(`${demo.url}/inspector`)
  await expect(inspector.getByRole('heading', { name: 'Nothing has arrived yet' })).toBeVisible()
  await isLive(inspector)

  const chat = await context.newPage()
  const problems: string[] = []
  chat.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  chat.on('pageerror', (error) => problems.push(error.message))
  await chat.goto(demo.url)
  await expect(chat.getByText('No model is configured')).toBeVisible()
  await recordAnswer(chat)
  await chat.getByLabel('Your question').fill(question)
  await chat.keyboard.press('Enter')

  const answer = chat.getByRole('article', { name: 'Answer' })
  await expect(answer).toContainText('Pass the stream through trackStream')
  await expect(answer).toHaveAttribute('aria-busy', 'false')
  expect(await streamedLengths(chat), 'the answer came in pieces').toBeGreaterThan(2)
  await expect(chat.getByLabel('Your question')).toBeFocused()

  await answer.getByRole('link', { name: 'Source 1' }).click()
  const source = answer.getByRole('listitem').filter({ hasText: 'docs/streams.md' })
  await expect(source).toContainText('Streams › Track a streamed answer')
  await expect(source.getByText('the interaction is finished with what went by')).toBeVisible()
  expect(problems).toEqual([])
  const visitor = (await context.cookies()).find(({ name }) => name === 'raindrop_demo_visitor')
  expect(visitor).toMatchObject({ httpOnly: true, sameSite: 'Lax' })

  await line(inspector, question).click()
  const event = inspector.getByRole('article', { name: 'Event' })
  await expect(event).toContainText('Finished')
  await expect(event.getByRole('region', { name: 'Input' })).toContainText(question)
  await expect(event.getByRole('region', { name: 'Output' })).toContainText('Pass the stream through `trackStream`')
  await expect(event.getByRole('region', { name: 'Properties' })).toContainText('"answer_mode": "quotes"')
  await expect(event).toContainText(visitor?.value.split('.')[0] ?? 'no visitor')
  const attachments = event.getByRole('region', { name: 'Attachments' })
  await attachments.getByText('docs/streams.md › Streams › Track a streamed answer').click()
  await expect(attachments.getByText('it goes on unchanged')).toBeVisible()
})

test('the conversation is still there after a look into the inspector', async ({ page }) => {
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'What happens to events while the server is down?' }).click()
  await page.getByRole('link', { name: 'See this event in the inspector' }).click()
  await expect(page.getByRole('region', { name: 'Output' })).toContainText('Events stay queued')
  await page.getByRole('link', { name: 'Chat' }).click()
  await expect(page.getByRole('article', { name: 'Answer' })).toContainText('Events stay queued')
})

test('an open interaction, its end and its signals show as they come, and always as text', async ({ page }) => {
  await page.goto(`${demo.url}/inspector`)
  await isLive(page)
  const markup = '<img src=x onerror="document.title=1">'
  await send('events/track_partial', {
    event_id: 'open-1',
    event: 'support_chat',
    user_id: 'u1',
    ai_data: { input: markup },
    attachments: [{ type: 'iframe', role: 'output', value: '<b>frame</b>' }],
    is_pending: true,
  })
  await expect(line(page, 'support_chat')).toContainText('Open')
  await line(page, 'support_chat').click()
  const event = page.getByRole('article', { name: 'Event' })
  await expect(event.getByRole('region', { name: 'Input' })).toContainText(markup)
  await expect(event.locator('img, iframe, b')).toHaveCount(0)

  await send('events/track_partial', {
    event_id: 'open-1',
    user_id: 'u1',
    ai_data: { output: 'Done.' },
    is_pending: false,
  })
  await expect(event.getByRole('region', { name: 'Output' })).toContainText('Done.')
  await expect(line(page, 'support_chat')).toContainText('Finished')
  const vote = {
    event_id: 'open-1',
    signal_name: 'thumbs_down',
    signal_type: 'feedback',
    sentiment: 'NEGATIVE',
    properties: { $signal_id: 'vote-1', comment: 'Too short.' },
  }
  await send('signals/track', [vote])
  await send('signals/track', [vote])
  await expect(event.getByRole('region', { name: 'Signals' })).toContainText('Too short.')
  await expect(line(page, 'support_chat')).toContainText('1 signal')
})

test('everything is still there after a restart, and an open inspector finds back by itself', async ({ page }) => {
  await page.goto(`${demo.url}/inspector`)
  await isLive(page)
  const before = await list(page).getByRole('link').count()
  await demo.stop()
  await expect(page.getByRole('status').filter({ hasText: 'Reconnecting' })).toBeVisible()

  const startedAt = Date.now()
  await demo.start()
  expect(Date.now() - startedAt, 'the second start builds nothing').toBeLessThan(10_000)
  await isLive(page)
  await send('events/track', [
    { event_id: 'after', event: 'after_restart', user_id: 'u1', ai_data: { input: 'Hello again' } },
  ])
  await expect(line(page, 'after_restart')).toBeVisible()
  await expect(list(page).getByRole('link')).toHaveCount(before + 1)
  await page.reload()
  await expect(list(page).getByRole('link')).toHaveCount(before + 1)
})

/** Notes every length that the answer had on the page. */
const recordAnswer = (page: Page) =>
  page.evaluate(() => {
    const lengths = new Set<number>()
    Object.assign(window, { lengths })
    new MutationObserver(() => lengths.add(document.querySelector('article')?.textContent?.length ?? 0)).observe(
      document.body,
      {
        childList: true,
        subtree: true,
        characterData: true,
      },
    )
  })

const streamedLengths = (page: Page) =>
  page.evaluate(() => (window as unknown as { lengths: Set<number> }).lengths.size)
