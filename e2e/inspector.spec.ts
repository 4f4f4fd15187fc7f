import { readFile } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { createDemo, type Demo } from './demo-process'
import { seedInspector, type Seeded } from './inspector-data'

let demo: Demo
let seeded: Seeded

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  // The first start builds the pages.
  test.setTimeout(300_000)
  demo = await createDemo()
  await demo.start()
})
test.afterAll(() => demo.dispose())

const desktop = { width: 1280, height: 800 }
const phone = { width: 390, height: 844 }

/** What a page did wrong: errors on its console, and things that moved by themselves. */
function watch(page: Page): { problems: string[]; shift: () => Promise<number> } {
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  const shift = () =>
    page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
              if (!entry.hadRecentInput) sum += entry.value
          }).observe({ type: 'layout-shift', buffered: true })
          requestAnimationFrame(() => setTimeout(() => done(sum), 0))
        }),
    )
  return { problems, shift }
}

const isLive = (page: Page) => expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()
const lines = (page: Page) => page.getByRole('list', { name: 'Events, newest first' }).getByRole('link')
const article = (page: Page) => page.getByRole('article', { name: 'Event' })
const findings = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

test('an empty inspector says on every page what to do', async ({ page }) => {
  for (const path of ['/inspector', '/inspector/conversations', '/inspector/overview?range=all']) {
    await page.goto(`${demo.url}${path}`)
    await expect(page.getByRole('heading', { name: 'Nothing has arrived yet' })).toBeVisible()
  }
  expect(await findings(page)).toEqual([])
  // And shows what comes without a reload.
  seeded = await seedInspector(demo.ingestUrl)
  await expect(page.getByRole('heading', { name: 'Satisfaction', exact: true })).toBeVisible()
})

const pages = () => [
  '/inspector',
  `/inspector?event=${seeded.rich}`,
  `/inspector?state=failed&event=${seeded.failed}`,
  '/inspector/conversations',
  `/inspector/conversations?open=${seeded.convo}`,
  '/inspector/overview?range=1h',
]

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is accessible, stands still and reports no error, in the ${colorScheme} theme`, async ({
    browser,
  }) => {
    test.setTimeout(300_000)
    for (const viewport of [desktop, phone]) {
      const context = await browser.newContext({ colorScheme, viewport })
      const page = await context.newPage()
      const { problems, shift } = watch(page)
      for (const path of pages()) {
        await page.goto(`${demo.url}${path}`)
        await isLive(page)
        if (path.includes('overview')) await expect(page.locator('.recharts-surface').first()).toBeVisible()
        expect(await shift(), `${path} moves`).toBeLessThan(0.02)
        // What is folded is there too.
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('main details')) (details as HTMLDetailsElement).open = true
        })
        // The panes scroll, never the page.
        const beyond = await page.evaluate(() => [
          document.documentElement.scrollWidth - window.innerWidth,
          document.documentElement.scrollHeight - window.innerHeight,
        ])
        expect(Math.max(...beyond), `${path} is larger than the page`).toBeLessThanOrEqual(0)
        if (path.includes(seeded.rich)) await expect(page.locator('.hljs-keyword').first()).toBeVisible()
        expect(await findings(page), `${path} at ${viewport.width}`).toEqual([])
      }
      expect(problems).toEqual([])
      await context.close()
    }
  })
}

test('what is in an event is text, and nothing of it is loaded before somebody asks', async ({ page }) => {
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(`${demo.url}/inspector?event=${seeded.rich}`)
  const event = article(page)
  await expect(event.getByRole('region', { name: 'Input' })).toContainText('<b>Not bold</b>')
  await expect(event.locator('b, i, img, iframe, script')).toHaveCount(0)

  const attachments = event.getByRole('region', { name: 'Attachments' })
  await attachments.getByText('example.ts').click()
  await expect(attachments.locator('.hljs-keyword').first()).toHaveText('const')
  await attachments.getByText('chart.png').click()
  await attachments.getByRole('button', { name: 'Show the image' }).click()
  await expect(attachments.getByRole('img', { name: 'chart.png' })).toBeVisible()
  await attachments.getByText('preview', { exact: true }).click()
  await attachments.getByRole('button', { name: 'Show as a page' }).click()
  await expect(attachments.locator('iframe')).toHaveAttribute('sandbox', '')
  await expect(attachments.frameLocator('iframe').getByRole('heading', { name: 'Preview' })).toBeVisible()
  await expect(page).toHaveTitle(/Inspector/)
  const own = new URL(demo.url).host
  expect(requests.filter((url) => url.startsWith('http') && new URL(url).host !== own)).toEqual([])
})

test('an event shows its signals in order, the edit as a difference, and its trace with what went in and out', async ({
  page,
}) => {
  await page.goto(`${demo.url}/inspector?event=${seeded.rich}`)
  const signals = article(page).getByRole('region', { name: 'Signals' }).getByRole('listitem')
  await expect(signals).toHaveCount(4)
  await expect(signals.nth(0)).toContainText('replaced or taken back later')
  await expect(signals.nth(2)).toContainText('<i>too short</i>')
  const edit = signals.nth(3).getByRole('group', { name: 'Edit' })
  await expect(edit.locator('del').first()).toHaveText('wait')
  await expect(edit.locator('ins').first()).toHaveText('read')

  const trace = article(page).getByRole('region', { name: 'Trace' })
  await expect(trace.locator('summary')).toHaveText([
    /answer/,
    /search_docs/,
    /rank/,
    /read_section.*failed/,
    /chat gpt-5/,
  ])
  await trace.locator('summary').nth(1).click()
  await expect(trace.getByRole('group', { name: 'Input of search_docs' })).toContainText('zebra stream')
  await expect(trace.getByRole('group', { name: 'Output of search_docs' })).toContainText('docs/streams.md')
  await trace.locator('summary').nth(3).click()
  await expect(trace).toContainText('The index was busy.')
})

test('filters narrow the list, the address holds them, and clearing brings all back', async ({ page }) => {
  await page.goto(`${demo.url}/inspector`)
  await isLive(page)
  await page.getByRole('searchbox').fill('zebra')
  await expect(lines(page)).toHaveCount(1)
  await expect(page).toHaveURL(/text=zebra/)
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByLabel('Model').selectOption('gpt-5-mini')
  await page.getByLabel('Signal').selectOption('thumbs_down')
  await page.getByLabel('User', { exact: true }).fill('ada')
  await expect(page).toHaveURL(/model=gpt-5-mini&signal=thumbs_down&user=ada/)
  await expect(lines(page).first()).toContainText('1 down')
  const count = await lines(page).count()
  expect(count).toBeGreaterThan(0)
  expect(count).toBeLessThan(20)

  // A permalink: the same for whoever opens it.
  await lines(page).first().click()
  await expect(article(page)).toContainText('gpt-5-mini')
  const address = page.url()
  const id = await article(page).locator('code').first().textContent()
  await page.goto('about:blank')
  await page.goto(address)
  await expect(lines(page)).toHaveCount(count)
  await expect(article(page)).toContainText(id ?? '?')
  await expect(page.getByLabel('Model')).toHaveValue('gpt-5-mini')

  await page.getByLabel('State').selectOption('open')
  await expect(page.getByText('No event matches these filters.')).toBeVisible()
  await page.getByRole('search').getByRole('button', { name: 'Clear filters' }).click()
  await expect(lines(page)).toHaveCount(50)
  await page.getByRole('button', { name: 'Show older events' }).click()
  await expect(lines(page)).toHaveCount(73)
})

test('the keyboard is enough', async ({ page }) => {
  await page.goto(`${demo.url}/inspector`)
  await isLive(page)
  await page.keyboard.press('j')
  await expect(lines(page).nth(0)).toBeFocused()
  await page.keyboard.press('j')
  await expect(lines(page).nth(1)).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('k')
  await expect(lines(page).nth(0)).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Chosen event' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(article(page)).toHaveCount(0)
  await expect(lines(page).nth(0)).toBeFocused()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('zebra jk')
  await expect(page.getByText('No event matches these filters.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('searchbox')).not.toBeFocused()
})

test('a filtered list keeps current too', async ({ page }) => {
  await page.goto(`${demo.url}/inspector?state=open`)
  await isLive(page)
  await expect(lines(page)).toHaveCount(1)
  await fetch(`${demo.ingestUrl}/v1/events/track_partial`, {
    method: 'POST',
    headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
    body: JSON.stringify({ event_id: seeded.open, user_id: 'grace', ai_data: { output: 'No.' }, is_pending: false }),
  })
  await expect(page.getByText('No event matches these filters.')).toBeVisible()
})

test('a conversation reads from its first turn to its last, and leads to its events', async ({ page }) => {
  await page.goto(`${demo.url}/inspector/conversations`)
  await isLive(page)
  await page.getByRole('list', { name: 'Conversations, newest first' }).getByRole('link').first().click()
  await expect(page).toHaveURL(new RegExp(`open=${seeded.convo}`))
  const turns = page.getByRole('list', { name: 'Turns' }).getByRole('listitem')
  await expect(turns).toHaveCount(3)
  await expect(turns.nth(0)).toContainText('The model is overloaded.')
  await expect(turns.nth(1)).toContainText('1 down')
  await turns.nth(1).getByRole('link', { name: 'The whole event' }).click()
  await expect(article(page)).toContainText(seeded.rich)
  await article(page).getByRole('link', { name: seeded.convo }).click()
  await expect(turns).toHaveCount(3)
})

test('every chart of the overview has its numbers as a table', async ({ page }) => {
  await page.goto(`${demo.url}/inspector/overview?range=1h`)
  await isLive(page)
  const figures = page.getByRole('figure')
  await expect(figures).toHaveCount(6)
  for (const figure of await figures.all()) {
    await expect(figure.getByRole('img')).toHaveAttribute('aria-label', /\w/)
    await figure.getByText('Numbers').click()
    expect(await figure.getByRole('row').count()).toBeGreaterThan(1)
  }
  const byModel = figures.filter({ has: page.getByRole('heading', { name: 'Satisfaction by model' }) })
  await expect(byModel.getByRole('rowheader', { name: 'claude-sonnet' })).toBeVisible()
  await page.getByRole('link', { name: 'Week' }).click()
  await expect(page).toHaveURL(/range=7d/)
  await expect(page.getByText(/^73 events, 1 of them failed$/)).toBeVisible()
})

test('what the filters hold is exported, and a spreadsheet runs none of it', async ({ page }) => {
  await page.goto(`${demo.url}/inspector?user=ada&text=zebra`)
  await isLive(page)
  const download = async (name: string) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
    return readFile(await file.path(), 'utf8')
  }
  const events = JSON.parse(await download('Export JSON')) as { eventId: string; signalList: unknown[] }[]
  expect(events).toMatchObject([{ eventId: seeded.rich, signalList: [{}, {}, {}, {}] }])
  const csv = await download('Export CSV')
  expect(csv.split('\r\n')).toHaveLength(3)
  expect(csv).toContain(`"'=HYPERLINK(`)
})
