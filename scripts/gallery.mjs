/**
 * `npm run gallery`: pictures of every state of FeedbackButtons × light and dark × phone and desktop × both directions of writing, from the
 * built package in Chromium. They land in .cache/gallery, for somebody to look at.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { build } from 'esbuild'
import { ensureChromium } from './browsers.mjs'
import { root } from './run.mjs'

const folder = join(root, '.cache', 'gallery')

const page = `<!doctype html><meta charset="utf-8"><title>gallery</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/styles.css">
<style>
  :root { color-scheme: light dark; background: light-dark(#fff, #17171a); color: light-dark(#1b1b1f, #ececf0); }
  body { margin: 0; font: 16px/1.55 system-ui, sans-serif; }
  #app { display: flow-root; min-height: 100vh; max-width: 44rem; margin: auto; padding: 16px; box-sizing: border-box; }
  article p { margin: 0 0 6px; }
  .question { width: fit-content; margin: 20px 0; margin-inline-start: auto; padding: 8px 14px; border-radius: 18px; background: light-dark(#eef0f4, #2a2a30); }
</style>
<div id="app"></div><script src="/page.js"></script>`

async function serve() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'scripts/gallery/page.jsx')],
    bundle: true,
    write: false,
    platform: 'browser',
    jsx: 'automatic',
    // The paths of ours lead to the source; an app has none.
    tsconfigRaw: '{}',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const files = {
    '/page.js': ['text/javascript', outputFiles[0].text],
    '/styles.css': ['text/css', readFileSync(join(root, 'dist/react/styles.css'), 'utf8')],
  }
  const server = createServer((message, response) => {
    const [type, text] = files[message.url] ?? ['text/html', page]
    response.writeHead(200, { 'content-type': type }).end(text)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${server.address().port}/` }
}

/** A relay that takes everything, or nothing. */
const answer = (isRefusing) => async (route) => {
  const { records } = JSON.parse(route.request().postData())
  const ids = records.map(({ id }) => id)
  const body = isRefusing
    ? { accepted: [], rejected: ids.map((id) => ({ id, reason: 'invalid' })) }
    : { accepted: ids, rejected: [] }
  await route.fulfill({ json: body })
}

const part = (tab, name) => tab.locator(`[data-raindrop=${name}]`)

/** What a visitor did until the picture is taken. */
const states = {
  rest: async () => undefined,
  streaming: async () => undefined,
  hover: (tab) => part(tab, 'up').hover(),
  focus: async (tab) => {
    await tab.keyboard.press('Tab')
    await tab.keyboard.press('Tab')
  },
  thanks: (tab) => part(tab, 'up').click(),
  asked: (tab) => part(tab, 'down').click(),
  written: async (tab) => {
    await part(tab, 'down').click()
    await part(tab, 'reason').nth(1).click()
    await part(tab, 'comment').fill('42?')
  },
  sent: async (tab) => {
    await states.written(tab)
    await part(tab, 'submit').click()
  },
  undone: async (tab) => {
    await part(tab, 'up').click()
    await part(tab, 'undo').click()
  },
  failed: async (tab) => {
    await part(tab, 'up').click()
    await part(tab, 'retry').waitFor()
  },
  copied: async (tab) => {
    await part(tab, 'copy').click()
    await tab.locator('[data-raindrop=copy][data-state=on]').waitFor()
  },
  edit: async (tab) => {
    await part(tab, 'edit').click()
    await part(tab, 'editor').press('End')
    await part(tab, 'editor').pressSequentially(' !')
  },
}

const devices = {
  desktop: { viewport: { width: 720, height: 560 } },
  phone: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
}

const looks = ['light', 'dark'].flatMap((colorScheme) =>
  Object.entries(devices).flatMap(([device, options]) =>
    ['ltr', 'rtl'].map((dir) => ({
      name: `${colorScheme}-${device}-${dir}`,
      dir,
      options: { ...options, colorScheme },
    })),
  ),
)

/** All states of one look in one picture. */
async function sheet(look) {
  const files = readdirSync(folder).filter((file) => file.endsWith(`-${look}.png`))
  if (files.length === 0) return
  const image = (file) =>
    `<figure style="margin:0"><img width="420" src="data:image/png;base64,${readFileSync(join(folder, file), 'base64')}"><figcaption>${file}</figcaption></figure>`
  const tab = await browser.newPage({ viewport: { width: 1760, height: 900 } })
  await tab.setContent(
    `<body style="margin:8px;display:flex;flex-wrap:wrap;gap:12px;background:#888;font:12px sans-serif">${files.map(image).join('')}`,
  )
  await tab.screenshot({ path: join(folder, `sheet-${look}.png`), fullPage: true })
  await tab.close()
  console.log(`${look}: ${files.length} pictures`)
}

const only = process.argv.slice(2)
const wanted = (name) => only.length === 0 || only.some((word) => name.includes(word))

const { server, url } = await serve()
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
try {
  for (const { name, dir, options } of looks) {
    for (const [state, act] of Object.entries(states)) {
      if (!wanted(`${state}-${name}`)) continue
      const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
      await context.grantPermissions(['clipboard-write'])
      const tab = await context.newPage()
      tab.on('pageerror', (error) => console.error(`${state}-${name}: ${error.message}`))
      await tab.route('**/relay', answer(state === 'failed'))
      await tab.goto(`${url}?dir=${dir}${state === 'streaming' ? '&streaming' : ''}`)
      await part(tab, 'root').waitFor()
      await act(tab)
      await tab.screenshot({ path: join(folder, `${state}-${name}.png`) })
      await context.close()
    }
    await sheet(name)
  }
} finally {
  await browser.close()
  server.close()
}
