import { Raindrop } from 'raindrop-js'

export function open({ endpoint }) {
  const raindrop = new Raindrop({ relay: `${endpoint}/relay`, onError: () => undefined })
  return { track: (event) => raindrop.track(event), persist: () => raindrop.persist() }
}
