// node bench/browser/profile.mjs [contestant]: where the main thread's time goes while 1,000 events are tracked and delivered.
import { findChromium } from './find-chromium.mjs'
import { CONTESTANTS, OURS } from './contestants.mjs'
import { measureProcess } from './parts/process.mjs'
import { ensurePeers } from './peers.mjs'
import { startSite } from './site.mjs'

const SHOWN = 25
const SAMPLE_US = 200

const [, , contestant = OURS] = process.argv
if (!CONTESTANTS.includes(contestant)) {
  console.error(`Usage: node bench/browser/profile.mjs [${CONTESTANTS.join('|')}]`)
  process.exit(1)
}

/** ms by function, its own time without what it calls. */
function ownTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, lineNumber, url } }) => [
      id,
      functionName.startsWith('(') ? functionName : `${functionName || 'anonymous'}${url ? `:${lineNumber + 1}` : ''}`,
    ]),
  )
  const times = new Map()
  for (const [at, id] of samples.entries()) {
    const name = names.get(id)
    times.set(name, (times.get(name) ?? 0) + timeDeltas[at] / 1_000)
  }
  return [...times].filter(([name]) => name !== '(idle)').toSorted(([, a], [, b]) => b - a)
}

let profile
async function around(session) {
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLE_US })
  await session.send('Profiler.start')
  return async () => {
    ;({ profile } = await session.send('Profiler.stop'))
  }
}

ensurePeers()
// Readable names are worth more here than the last microsecond.
const site = await startSite({ minify: false })
try {
  const result = await measureProcess(contestant, { site, chromiumPath: findChromium(), around })
  console.log(result)
  for (const [name, ms] of ownTimes(profile).slice(0, SHOWN)) console.log(`${ms.toFixed(1).padStart(8)} ms  ${name}`)
} finally {
  site.close()
}
