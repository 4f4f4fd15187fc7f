import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { type Bench, expect, test as base } from './browser/support/bench'
import { createReactSite, type ReactSite } from './react/react-site'

const test = base.extend<object, { react: ReactSite }>({
  react: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const site = await createReactSite()
      await use(site)
      await site.close()
    },
    { scope: 'worker' },
  ],
})

const part = (page: Page, name: string) => page.locator(`[data-raindrop=${name}]`)
const isPressed = (page: Page, vote: 'up' | 'down') => expect(part(page, vote)).toHaveAttribute('aria-pressed', 'true')
const settled = (page: Page) => expect(part(page, 'root')).toHaveAttribute('data-state', 'delivered')

const signalsOf = ({ ingest }: Bench) => ingest.signals() as ReadonlyArray<Record<string, any>>
const names = (bench: Bench) => signalsOf(bench).map((signal) => signal['signal_name'] as string)

test('a storm of clicks is one signal, and one that ends as it began is none', async ({ page, bench, react }) => {
  await page.goto(react.url({ ...bench.relay, strict: true, props: { comment: false, undoWindowMs: 2_500 } }))
  for (let click = 0; click < 9; click++) await part(page, click % 2 ? 'down' : 'up').click()
  await settled(page)
  await isPressed(page, 'up')
  expect(names(bench)).toEqual(['thumbs_up'])
  for (const vote of ['down', 'up'] as const) await part(page, vote).click()
  await settled(page)
  // What else would be sent is sent by now: a flush waits for it.
  await page.evaluate(() => (globalThis as any).client.flush())
  expect(names(bench)).toEqual(['thumbs_up'])
})

test('up, down, none inside the window sends nothing', async ({ page, bench, react }) => {
  await page.goto(react.url({ ...bench.relay, props: { comment: false, undoWindowMs: 2_000 } }))
  for (const vote of ['up', 'down', 'down'] as const) await part(page, vote).click()
  await expect(part(page, 'root')).toHaveAttribute('data-state', 'idle')
  await page.evaluate(() => (globalThis as any).client.flush())
  expect(bench.ingest.records).toEqual([])
})

test('undo after delivery is one retraction with the id of the vote', async ({ page, bench, react }) => {
  await page.goto(react.url({ ...bench.relay, props: { undoWindowMs: 0 } }))
  await part(page, 'up').click()
  await settled(page)
  await part(page, 'undo').click()
  await expect.poll(() => names(bench)).toEqual(['thumbs_up', 'feedback_retracted'])
  const [vote, retraction] = signalsOf(bench)
  expect(retraction!['properties'].retracts).toBe(vote!['properties'].$signal_id)
  await expect(part(page, 'up')).toHaveAttribute('aria-pressed', 'false')
})

test('a vote whose tab is closed inside the hold is delivered', async ({ context, bench, react }) => {
  const url = react.url({ ...bench.relay, props: { undoWindowMs: 60_000, comment: false } })
  const page = await context.newPage()
  await page.goto(url)
  await part(page, 'up').click()
  await page.close({ runBeforeUnload: true })
  const next = await context.newPage()
  await next.goto(url)
  await isPressed(next, 'up')
  await expect.poll(() => names(bench)).toEqual(['thumbs_up'])
})

test('a vote of a page that is offline survives its reload, is delivered once, and is still shown', async ({
  page,
  bench,
  react,
}) => {
  const url = react.url({ ...bench.relay, props: { undoWindowMs: 0 } })
  await page.goto(url)
  await bench.gate.down()
  await part(page, 'down').click()
  // Key by key: React hears nothing of what Playwright fills in in Firefox.
  await part(page, 'comment').pressSequentially('The year is off\n')
  await page.evaluate(() => (globalThis as any).client.persist())
  await page.reload()
  await isPressed(page, 'down')
  expect(bench.ingest.records).toEqual([])
  await bench.gate.up()
  await expect.poll(() => names(bench), { timeout: 30_000 }).toEqual(['thumbs_down', 'user_feedback'])
  await settled(page)
  await page.reload()
  await isPressed(page, 'down')
  expect(names(bench)).toHaveLength(2)
})

test('two tabs agree within a second', async ({ context, bench, react }) => {
  const url = react.url({ ...bench.relay, props: { comment: false } })
  const [one, other] = [await context.newPage(), await context.newPage()]
  await Promise.all([one.goto(url), other.goto(url)])
  await part(other, 'up').waitFor()
  const tookMs: number[] = []
  for (const vote of ['up', 'down', 'up']) {
    const seen = other.evaluate(
      (name) =>
        new Promise<number>((resolve) => {
          const button = document.querySelector(`[data-raindrop=${name}]`)!
          new MutationObserver(() => button.ariaPressed === 'true' && resolve(Date.now())).observe(button, {
            attributes: true,
          })
        }),
      vote,
    )
    const clicked = await one.evaluate((name) => {
      document.querySelector<HTMLElement>(`[data-raindrop=${name}]`)!.click()
      return Date.now()
    }, vote)
    tookMs.push((await seen) - clicked)
  }
  // A busy machine lets the tab behind wait now and then, not three times in a row.
  expect(Math.min(...tookMs)).toBeLessThan(1_000)
})

test('a vote among 500 groups draws one of them', async ({ page, bench, react }) => {
  await page.goto(react.url({ ...bench.relay, groups: 500, props: { comment: false } }))
  await expect(part(page, 'root')).toHaveCount(500)
  const drawn = await page.evaluate(async () => {
    const { drawn: list } = globalThis as unknown as { drawn: string[] }
    list.length = 0
    document.querySelectorAll<HTMLElement>('[data-raindrop=up]')[7]!.click()
    await new Promise((resolve) => requestAnimationFrame(resolve))
    return [...new Set(list)]
  })
  expect(drawn).toEqual(['message_7'])
  expect(bench.ingest.records).toEqual([])
})

test('everything can be done by keyboard, and the focus is never lost', async ({ page, bench, react }) => {
  const reasons = [{ id: 'wrong', label: 'Not correct' }]
  await page.goto(react.url({ ...bench.relay, props: { reasons, undoWindowMs: 0, edit: { output: 'Text' } } }))
  await part(page, 'up').waitFor()
  const key = (name: string) => page.keyboard.press(name)
  await key('Tab')
  await expect(part(page, 'up')).toBeFocused()
  await key('Tab')
  await key('Space')
  await expect(part(page, 'comment')).toBeFocused()
  await key('Escape')
  await expect(part(page, 'down')).toBeFocused()
  await key('Enter')
  await key('Enter')
  await expect(part(page, 'comment')).toBeFocused()
  await key('Shift+Tab')
  await expect(part(page, 'reason')).toBeFocused()
  await key('Space')
  await key('Tab')
  await page.keyboard.type('Off by one')
  await key('Shift+Enter')
  await page.keyboard.type('year')
  await key('Enter')
  await expect(part(page, 'status')).toBeFocused()
  await expect(part(page, 'status')).toHaveText('Thank you')
  await key('Tab')
  await expect(part(page, 'undo')).toBeFocused()
  await key('Enter')
  await expect(part(page, 'status')).toBeFocused()
  await expect(part(page, 'status')).toHaveText('Undone')
  await key('Shift+Tab')
  await expect(part(page, 'edit')).toBeFocused()
  await key('Space')
  await expect(part(page, 'editor')).toBeFocused()
  await page.keyboard.type('!')
  await key('Control+Enter')
  await expect(part(page, 'status')).toBeFocused()
  await expect.poll(() => names(bench)).toContain('user_edit')
  expect(signalsOf(bench).find((signal) => signal['signal_type'] === 'feedback')).toMatchObject({
    properties: { comment: 'Off by one\nyear', reasons: ['wrong'] },
  })
})

test('the panel opens over what follows and moves nothing', async ({ page, bench, react }) => {
  await page.goto(react.url({ ...bench.relay, groups: 2 }))
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('article, [data-raindrop=root]')].map((each) => each.getBoundingClientRect().top),
    )
  await part(page, 'root').first().waitFor()
  const before = await places()
  await part(page, 'down').first().click()
  await expect(part(page, 'comment')).toBeFocused()
  expect(await places()).toEqual(before)
})

test('at 320 px, as 1280 px zoomed by 400 %, nothing runs out of the window in any state', async ({
  page,
  bench,
  react,
}) => {
  await page.setViewportSize({ width: 320, height: 640 })
  const props = {
    reasons: [{ id: 'wrong', label: 'Not correct' }],
    edit: { output: 'An answer. '.repeat(20) },
    copy: { text: 'Text' },
    undoWindowMs: 0,
  }
  await page.goto(react.url({ ...bench.relay, props }))
  const fits = async (state: string) => {
    const widest = await page.evaluate(() =>
      Math.max(...[...document.querySelectorAll('*')].map((each) => each.getBoundingClientRect().right)),
    )
    expect(widest, state).toBeLessThanOrEqual(320)
  }
  await part(page, 'up').waitFor()
  await fits('rest')
  await part(page, 'down').click()
  await expect(part(page, 'comment')).toBeFocused()
  await fits('asked')
  await part(page, 'submit').waitFor()
  await part(page, 'cancel').click()
  await fits('thanked')
  await part(page, 'edit').click()
  await expect(part(page, 'editor')).toBeFocused()
  await fits('edit')
})

test(
  'with forced colours a pressed button differs in its own colours',
  { tag: '@chromium' },
  async ({ page, bench, react }) => {
    await page.emulateMedia({ forcedColors: 'active' })
    await page.goto(react.url({ ...bench.relay, props: { comment: false } }))
    await part(page, 'up').click()
    await isPressed(page, 'up')
    await page.mouse.move(0, 0)
    const look = (name: string) =>
      part(page, name).evaluate((button) => {
        const { backgroundColor, color, borderTopStyle } = getComputedStyle(button)
        return { backgroundColor, color, borderTopStyle }
      })
    const [up, down] = [await look('up'), await look('down')]
    expect(up.backgroundColor).not.toBe(down.backgroundColor)
    expect(up.color).not.toBe(down.color)
    expect([up.borderTopStyle, down.borderTopStyle]).toEqual(['solid', 'solid'])
  },
)

for (const colorScheme of ['light', 'dark'] as const) {
  // Playwright does not know how to ask Firefox for a theme.
  test(`axe finds nothing in any state, ${colorScheme}`, { tag: '@chromium' }, async ({ page, bench, react }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const check = async (state: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${state}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      )
    }
    const props = {
      reasons: [{ id: 'wrong', label: 'Not correct' }],
      edit: { output: 'Text' },
      copy: { text: 'Text' },
      undoWindowMs: 0,
    }
    await page.goto(react.url({ ...bench.relay, props: { ...props, streaming: true } }))
    await part(page, 'up').waitFor()
    await check('streaming')
    await page.goto(react.url({ ...bench.relay, props }))
    await part(page, 'up').waitFor()
    await check('rest')
    await part(page, 'down').click()
    await check('asked')
    await part(page, 'reason').click()
    await part(page, 'comment').fill('Off')
    await check('written')
    await part(page, 'submit').click()
    await check('thanks')
    await part(page, 'undo').click()
    await check('undone')
    await part(page, 'edit').click()
    await check('edit')
    await part(page, 'cancel').click()
    await page.route('**/relay', async (route) => {
      const { records } = route.request().postDataJSON() as { records: Array<{ id: string }> }
      await route.fulfill({
        headers: { 'access-control-allow-origin': '*' },
        json: { accepted: [], rejected: records.map(({ id }) => ({ id, reason: 'invalid' })) },
      })
    })
    await part(page, 'up').click()
    await part(page, 'retry').waitFor()
    await check('failed')
  })
}
