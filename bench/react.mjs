// node bench/react.mjs [--rounds=15] [--groups=500]
// The first render of many feedback groups in Chromium, in turns with as many groups of two plain buttons. Exits with 1 where it takes more
// than twice as long. Needs a Chromium: PLAYWRIGHT_CHROMIUM_PATH, or one that Playwright finds.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { machine } from './harness/report.mjs'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, groups: { type: 'string', default: '500' } },
})
const [rounds, groups] = [values.rounds, values.groups].map(Number)
const LIMIT = 2

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('children/react-page.jsx', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'browser',
  jsx: 'automatic',
  tsconfigRaw: '{}',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
})
const styles = readFileSync(new URL(import.meta.resolve('raindrop-js/react/styles.css')), 'utf8')
const page = `<!doctype html><meta charset="utf-8"><title>bench</title><style>${styles}</style><body><script src="/page.js"></script>`
const server = createServer((message, response) => {
  const isScript = message.url === '/page.js'
  response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
  response.end(isScript ? outputFiles[0].text : page)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

const browser = await chromium.launch({
  ...(process.env.PLAYWRIGHT_CHROMIUM_PATH && { executablePath: process.env.PLAYWRIGHT_CHROMIUM_PATH }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})

const kinds = ['buttons', 'toggles', 'feedback']
const figures = {
  shown: { buttons: [], toggles: [], feedback: [] },
  settled: { buttons: [], toggles: [], feedback: [] },
}
try {
  // A page of its own for each round: the first render, not the hundredth.
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 ? kinds : [...kinds].reverse()) {
      const tab = await browser.newPage()
      await tab.goto(`http://127.0.0.1:${server.address().port}/`)
      const { shown, settled } = await tab.evaluate(
        ([name, count]) => globalThis.firstRender(name, count),
        [kind, groups],
      )
      figures.shown[kind].push(shown)
      figures.settled[kind].push(settled)
      await tab.close()
    }
  }
} finally {
  await browser.close()
  server.close()
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
console.log(`${machine()}, ${rounds} rounds, ${groups} groups\n`)
let isSlow = false
for (const [name, kindFigures] of Object.entries(figures)) {
  const ours = median(kindFigures.feedback)
  for (const kind of kinds) {
    const ms = median(kindFigures[kind])
    console.log(
      `${name.padEnd(8)} ${kind.padEnd(9)} ${ms.toFixed(1).padStart(7)} ms   ours over it ${(ours / ms).toFixed(2)} ×`,
    )
  }
  isSlow ||= ours > LIMIT * median(kindFigures.buttons)
}
process.exitCode = isSlow ? 1 : 0
