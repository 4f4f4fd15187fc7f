// Spans around blocks of code: a synchronous tool, an asynchronous one, and a nested task.
// Run: RAINDROP_WRITE_KEY=… node demo/examples/run.mjs task-and-tool-spans
import { setTimeout as sleep } from 'node:timers/promises'
import { Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'

const raindrop = new Raindrop({
  writeKey: process.env.RAINDROP_WRITE_KEY,
  endpoint: process.env.RAINDROP_ENDPOINT,
  tracing: createTracing(),
})

const main = raindrop.task('main_task')(async () => {
  const interaction = raindrop.begin({
    userId: 'user789',
    event: 'multi_tool_query',
    input: 'Find and summarize docs for the traceloop entity_method',
  })

  const results = raindrop.withTool('web_search', { version: 1 }, (tool) => {
    tool.recordInput({ query: 'traceloop entity_method documentation' })
    const urls = ['https://docs.example.com/api', 'https://blog.example.com/tutorial']
    tool.setProperties({ results_count: urls.length })
    tool.recordOutput({ urls })
    return urls
  })

  const best = await raindrop.withTool('document_reranker', async (tool) => {
    tool.recordInput({ documents: results, query: 'entity_method usage' })
    await sleep(50)
    tool.recordOutput({ top_document: results[0] })
    return results[0]
  })

  const summary = raindrop.withTask('summarization', (task) => {
    task.recordInput({ document: best })
    const text = 'The entity_method decorator allows...'
    task.recordOutput({ summary: text })
    return text
  })

  interaction.finish(summary)
})

await main()
await raindrop.shutdown()
