import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { createDemo, type Demo } from './demo-process'

/** Recognisable wherever it turns up. */
const writeKey = 'rk_journey_7d1c0f52b9a84e36'
const question = 'How do I track a streamed answer?'
const other = 'What happens to events while the server is down?'

let demo: Demo

test.beforeAll(async () => {
  test.setTimeout(300_000)
  demo = await createDemo({ RAINDROP_WRITE_KEY: writeKey })
  await demo.start()
})
test.afterAll(() => demo.dispose())

interface StoredSignal {
  signalId: string
  body: { signal_name: string; signal_type?: string; attachment_id?: string; properties: Record<string, unknown> }
}
interface StoredEvent {
  eventId: string
  pending: boolean
  userId: string
  convoId: string
  body: { ai_data: { input: string; output?: string }; properties: Record<string, unknown> }
  signalList: StoredSignal[]
}

/** As the inspector has it. */
async function stored(eventId: string): Promise<StoredEvent> {
  const response = await fetch(`${demo.url}/api/inspector/events/${eventId}`)
  return (await response.json()) as StoredEvent
}
/** Sorted: each is sent by itself, and they may overtake each other. */
const signalNames = async (eventId: string) =>
  ((await stored(eventId)).signalList ?? []).map(({ body }) => body.signal_name).toSorted()

async function ask(page: Page, text: string): Promise<Locator> {
  await page.getByLabel('Your question').fill(text)
  await page.keyboard.press('Enter')
  const answer = page.getByRole('region', { name: `Question: ${text}` }).getByRole('article', { name: 'Answer' })
  await expect(answer).toHaveAttribute('aria-busy', 'false')
  return answer
}

async function eventIdOf(answer: Locator): Promise<string> {
  const href = await answer.getByRole('link', { name: 'See this event in the inspector' }).getAttribute('href')
  return new URL(href ?? '', demo.url).searchParams.get('event') ?? ''
}

const count = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Delivery' }).locator(`[data-name="${name}"] dd`)
const setNetwork = (page: Page, name: string) => page.getByRole('radio', { name, exact: true }).check({ force: true })
const feedbackOn = (answer: Locator) => answer.getByRole('group', { name: 'Feedback', exact: true })
const pressed = (group: Locator, name: string) =>
  expect(group.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true')

/** Everything that crosses the wire, to look for the key in it; and what the browser complains about. */
function watch(context: BrowserContext) {
  const problems: string[] = []
  const texts: Promise<string>[] = []
  const relayRequests: string[] = []
  context.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  context.on('weberror', (error) => problems.push(error.error().message))
  context.on('request', (request) => {
    if (request.url().endsWith('/api/raindrop')) relayRequests.push(request.postData() ?? '')
    texts.push(
      request.allHeaders().then(
        (headers) => `${request.url()} ${JSON.stringify(headers)} ${request.postData() ?? ''}`,
        () => '',
      ),
    )
  })
  context.on('response', (response) => {
    const headers = response.headers()
    texts.push(
      response.allHeaders().then(
        (all) => JSON.stringify(all),
        () => '',
      ),
    )
    // A live stream has no end; of a page that was left the browser keeps nothing.
    if (!headers['content-type']?.includes('event-stream')) texts.push(response.text().catch(() => ''))
  })
  return {
    problems,
    relayRequests,
    async leaks(secret: string): Promise<boolean> {
      const all = await Promise.all(texts)
      return all.some((text) => text.includes(secret))
    },
  }
}

test('the whole story: ask, judge, lose the network, come back, and find all of it in the inspector', async ({
  browser,
}) => {
  test.setTimeout(180_000)
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const seen = watch(context)
  const page = await context.newPage()
  await page.goto(demo.url)
  await page.evaluate(recordShifts)

  const answer = await ask(page, question)
  await expect(answer).toContainText('Pass the stream through trackStream')
  await expect(page).toHaveURL(/\/c\/[0-9a-f-]{36}$/)
  const eventId = await eventIdOf(answer)
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift), 'nothing moved').toBeLessThan(0.02)

  // A change of mind within the moment that a vote is held: only the last one is ever sent.
  const feedback = feedbackOn(answer)
  await feedback.getByRole('button', { name: 'Good answer' }).click()
  await feedback.getByRole('button', { name: 'Bad answer' }).click()
  await feedback.getByRole('button', { name: 'Something is missing' }).click()
  await feedback.getByRole('textbox', { name: 'Tell us more' }).fill('No word on errors.')
  await feedback.getByRole('button', { name: 'Send' }).click()
  await expect(answer).toContainText('Your comment No word on errors.')
  await expect.poll(() => signalNames(eventId)).toEqual(['thumbs_down', 'user_feedback'])

  const edit = async (text: string) => {
    await feedback.getByRole('button', { name: 'Edit answer' }).click()
    await feedback.getByRole('textbox', { name: 'Edit answer' }).fill(text)
    await feedback.getByRole('button', { name: 'Save' }).click()
  }
  await edit('It passes **through**.')
  await expect(answer.locator('strong')).toHaveText('through')
  await expect(answer).toContainText('Edited by you')
  await feedback.getByRole('button', { name: 'Undo' }).click()
  await expect(answer).toContainText('Pass the stream through trackStream')
  await expect.poll(() => signalNames(eventId)).toContain('feedback_retracted')

  await feedback.getByRole('button', { name: 'Copy' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Pass the stream through')
  await answer.getByText('docs/streams.md').last().click()
  const onSource = answer.getByRole('group', { name: 'Feedback on source 1' })
  await onSource.getByRole('button', { name: 'Useful source' }).click()
  await expect.poll(() => signalNames(eventId)).toEqual(expect.arrayContaining(['copied', 'thumbs_up']))

  // Offline: what is said stays here, over a reload, and nothing leaves.
  const second = await ask(page, other)
  const secondId = await eventIdOf(second)
  await expect(count(page, 'Waiting')).toHaveText('0')
  await setNetwork(page, 'Offline')
  const sentBefore = seen.relayRequests.length
  await feedbackOn(second).getByRole('button', { name: 'Good answer' }).click()
  await expect(count(page, 'Waiting')).toHaveText('1')
  await page.reload()
  await pressed(feedbackOn(second), 'Good answer')
  await expect(count(page, 'Waiting')).toHaveText('1')
  expect(seen.relayRequests).toHaveLength(sentBefore)
  expect(await signalNames(secondId)).toEqual([])
  await setNetwork(page, 'Online')
  await expect(count(page, 'Waiting')).toHaveText('0')
  await expect(count(page, 'Delivered')).not.toHaveText('0')
  await expect(count(page, 'Dropped')).toHaveText('0')
  await expect.poll(() => signalNames(secondId)).toEqual(['thumbs_up'])

  const visitor = (await context.cookies()).find(({ name }) => name === 'raindrop_demo_visitor')
  await expectStory({ eventId, secondId, userId: visitor?.value.split('.')[0] ?? '' })
  await second.getByRole('link', { name: 'See this event in the inspector' }).click()
  await expect(page.getByRole('article', { name: 'Event' })).toContainText('thumbs_up')

  // A restart of everything, and a browser that remembers nothing but who it is.
  // Before it: while the demo is down, the inspector's live stream can only fail.
  expect(seen.problems).toEqual([])
  await page.close()
  await demo.stop()
  await demo.start()
  await expectStory({ eventId, secondId, userId: visitor?.value.split('.')[0] ?? '' })
  const fresh = await browser.newContext({ storageState: { cookies: await context.cookies(), origins: [] } })
  const again = await fresh.newPage()
  await again.goto(demo.url)
  await again.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: question }).click()
  const kept = again.getByRole('region', { name: `Question: ${question}` })
  await pressed(feedbackOn(kept), 'Bad answer')
  await expect(kept).toContainText('Your comment No word on errors.')
  await pressed(feedbackOn(again.getByRole('region', { name: `Question: ${other}` })), 'Good answer')
  await fresh.close()

  expect(await seen.leaks(writeKey), 'the key stays on the server').toBe(false)
  expect(filesOf(resolve(import.meta.dirname, '../demo/.next/static')).some((file) => file.includes(writeKey))).toBe(
    false,
  )
  await context.close()
})

async function expectStory({ eventId, secondId, userId }: { eventId: string; secondId: string; userId: string }) {
  const [first, second] = [await stored(eventId), await stored(secondId)]
  expect(first).toMatchObject({ pending: false, userId, body: { ai_data: { input: question } } })
  expect(second).toMatchObject({ pending: false, userId, convoId: first.convoId, body: { ai_data: { input: other } } })
  const byName = Object.fromEntries(first.signalList.map((signal) => [signal.body.signal_name, signal]))
  expect(first.signalList, 'nothing twice').toHaveLength(6)
  expect(byName['user_feedback']?.body).toMatchObject({ properties: { comment: 'No word on errors.' } })
  expect(byName['user_edit']?.body).toMatchObject({
    signal_type: 'edit',
    properties: { after: 'It passes **through**.' },
  })
  expect(byName['feedback_retracted']?.body.properties['retracts']).toBe(byName['user_edit']?.signalId)
  expect(byName['thumbs_up']?.body.attachment_id).toBe('docs/streams.md#track-a-streamed-answer')
  expect(byName['thumbs_down']?.body.attachment_id).toBeUndefined()
  expect(second.signalList.map(({ body }) => body.signal_name)).toEqual(['thumbs_up'])
}

test('one question and one vote are one finished interaction with one signal, shown again after a reload', async ({
  page,
}) => {
  await page.goto(demo.url)
  const answer = await ask(page, question)
  const eventId = await eventIdOf(answer)
  await feedbackOn(answer).getByRole('button', { name: 'Good answer' }).click()
  // In the middle of the hold: the page that goes away sends it.
  await page.reload()
  await pressed(feedbackOn(answer), 'Good answer')
  await expect.poll(() => signalNames(eventId)).toEqual(['thumbs_up'])
  const event = await stored(eventId)
  expect(event.pending).toBe(false)
  expect(event.body.ai_data.output).toContain('Pass the stream through')
})

test('an answer can be asked for again, and both are told apart', async ({ page }) => {
  await page.goto(demo.url)
  const region = page.getByRole('region', { name: `Question: ${question}` })
  const answer = region.getByRole('article', { name: 'Answer' })
  const first = await ask(page, question)
  const firstId = await eventIdOf(first)
  await answer.getByRole('button', { name: 'Answer again' }).click()
  await expect(region.getByText('2 of 2')).toBeVisible()
  await expect(answer).toHaveAttribute('data-status', 'done')
  const secondId = await eventIdOf(answer)
  expect(secondId).not.toBe(firstId)
  await expect.poll(() => signalNames(firstId)).toEqual(['regenerated'])
  expect((await stored(secondId)).body.properties['regenerates']).toBe(firstId)

  await region.getByRole('button', { name: 'Previous answer' }).click()
  expect(await eventIdOf(answer)).toBe(firstId)
  await page.reload()
  await expect(region.getByText('2 of 2')).toBeVisible()
})

test('a server that fails and a slow one are waited for', async ({ page }) => {
  await page.goto(demo.url)
  const answer = await ask(page, question)
  const eventId = await eventIdOf(answer)
  await setNetwork(page, 'Server error')
  await feedbackOn(answer).getByRole('button', { name: 'Good answer' }).click()
  await expect(count(page, 'Waiting')).toHaveText('1')
  await page.waitForResponse((response) => response.status() === 503)
  await expect(count(page, 'Waiting')).toHaveText('1')
  await setNetwork(page, 'Slow')
  await expect(count(page, 'Delivered')).toHaveText('1')
  expect(await signalNames(eventId)).toEqual(['thumbs_up'])
  await setNetwork(page, 'Online')
})

test('conversations are listed, opened, deleted, and nobody else’s', async ({ page, browser }) => {
  await page.goto(demo.url)
  await ask(page, question)
  const firstUrl = page.url()
  const list = page.getByRole('navigation', { name: 'Conversations' })
  await page.getByRole('link', { name: 'New conversation' }).click()
  await expect(page.getByRole('heading', { name: 'Ask the documentation' })).toBeVisible()
  await ask(page, other)
  await expect(list.getByRole('link')).toHaveText([other, question])

  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(firstUrl)
  await expect(stranger.getByRole('heading', { name: 'Nothing is here' })).toBeVisible()
  const forged = await browser.newContext()
  const own = (await page.context().cookies()).find(({ name }) => name === 'raindrop_demo_visitor')!
  await forged.addCookies([{ ...own, value: `${own.value.split('.')[0]}.forged` }])
  const forger = await forged.newPage()
  await forger.goto(firstUrl)
  await expect(forger.getByRole('heading', { name: 'Nothing is here' })).toBeVisible()

  await list.getByRole('link', { name: question }).click()
  await expect(page).toHaveURL(firstUrl)
  await expect(page.getByRole('article', { name: 'Answer' })).toContainText('Pass the stream through')
  await list.getByRole('listitem').filter({ hasText: question }).hover()
  await list.getByRole('button', { name: `Delete “${question}”` }).click()
  await list.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(list.getByRole('link')).toHaveText([other])
  await expect(page.getByRole('heading', { name: 'Ask the documentation' })).toBeVisible()
  await page.goto(firstUrl)
  await expect(page.getByRole('heading', { name: 'Nothing is here' })).toBeVisible()
})

test('a citation leads to its section of the documentation', async ({ page }) => {
  await page.goto(demo.url)
  const answer = await ask(page, question)
  await answer.getByRole('link', { name: 'Source 1' }).click()
  await answer.getByRole('link', { name: 'Open in the documentation' }).click()
  await expect(page).toHaveURL(/\/docs\/streams#track-a-streamed-answer$/)
  await expect(page.getByRole('heading', { name: 'Track a streamed answer' })).toBeInViewport()
  await page.goto(`${demo.url}/docs/..%2f..%2fpackage`)
  await expect(page.getByRole('heading', { name: 'Nothing is here' })).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries({
    phone: { width: 390, height: 844 },
    desktop: { width: 1280, height: 800 },
  })) {
    test(`nothing that axe finds is on the pages of the chat, ${colorScheme}, ${size}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(demo.url)
      await expectAccessible(page)
      const answer = await ask(page, question)
      await answer.getByText('docs/streams.md').last().click()
      await feedbackOn(answer).getByRole('button', { name: 'Bad answer' }).click()
      await expectAccessible(page)
      await feedbackOn(answer).getByRole('button', { name: 'Edit answer' }).click()
      await expectAccessible(page)
      if (size === 'phone') {
        await page.getByRole('button', { name: 'Conversations', exact: true }).click()
        await expectAccessible(page)
      }
      await page.goto(`${demo.url}/docs/streams`)
      await expectAccessible(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width)
      await context.close()
    })
  }
}

async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}

function recordShifts(): void {
  Object.assign(window, { shift: 0 })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as Array<PerformanceEntry & { value: number; hadRecentInput: boolean }>)
      if (!entry.hadRecentInput) (window as unknown as { shift: number }).shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
