/** The floor for bursts: each event becomes JSON in the call, so that a string is what waits. */
export function open({ address, batchSize }) {
  const headers = { 'content-type': 'application/json' }
  let texts = []
  return {
    shape: (event) => event,
    track: (event) => void texts.push(JSON.stringify(event)),
    async flush() {
      while (texts.length > 0) {
        const body = `[${texts.slice(0, batchSize).join(',')}]`
        texts = texts.slice(batchSize)
        const response = await fetch(address, { method: 'POST', headers, body })
        await response.text()
      }
    },
  }
}
