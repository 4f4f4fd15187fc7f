// A span that begins in one place and ends in another.
// Run: RAINDROP_WRITE_KEY=… node demo/examples/run.mjs manual-span
import { Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'

const raindrop = new Raindrop({
  writeKey: process.env.RAINDROP_WRITE_KEY,
  endpoint: process.env.RAINDROP_ENDPOINT,
  tracing: createTracing(),
})

async function callExternalApi(query: string): Promise<{ rows: number }> {
  if (query === '') throw new RangeError('The query is empty.')
  return { rows: 3 }
}

const main = raindrop.interaction('my_workflow')(async (query: string) => {
  const interaction = raindrop.begin({ userId: 'user123', event: 'process_data', input: '...' })
  const span = interaction.startSpan({ kind: 'tool', name: 'external_api' })
  span.recordInput({ query })
  try {
    span.recordOutput(await callExternalApi(query))
    span.end()
  } catch (error) {
    span.end({ error })
  }
  interaction.finish('Done')
})

await main('example')
await main('')
await raindrop.shutdown()
