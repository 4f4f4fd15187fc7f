// An interaction makes a context in which resumeInteraction() finds what begin() made, here by method decorators.
// Run: RAINDROP_WRITE_KEY=… node demo/examples/run.mjs interaction-decorator
import { Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'

const raindrop = new Raindrop({
  writeKey: process.env.RAINDROP_WRITE_KEY,
  endpoint: process.env.RAINDROP_ENDPOINT,
  tracing: createTracing(),
})

class WeatherFlow {
  readonly city: string

  constructor(city: string) {
    this.city = city
  }

  @raindrop.tool('forecast')
  async forecast(): Promise<string> {
    return `It's sunny in ${this.city}!`
  }

  @raindrop.interaction('weather_flow')
  async run(): Promise<void> {
    raindrop.begin({ userId: 'user-001', event: 'weather_query', input: "What's the weather?" })
    sendToUser(await this.forecast())
  }
}

function sendToUser(text: string): void {
  raindrop.resumeInteraction().finish(text)
}

await new WeatherFlow('Boston').run()
await raindrop.shutdown()
