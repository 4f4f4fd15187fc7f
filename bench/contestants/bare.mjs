/** The floor: collects, stringifies a whole batch, posts it. No ids, no snapshot, no bounds, no retries. */
export function open({ address, batchSize }) {
  const headers = { 'content-type': 'application/json' }
  const full = []
  let batch = []
  let sending

  async function send() {
    while (full.length > 0) {
      const body = JSON.stringify(full.shift())
      const response = await fetch(address, { method: 'POST', headers, body })
      await response.text()
    }
    sending = undefined
  }

  function close() {
    full.push(batch)
    batch = []
    sending ??= send()
  }

  return {
    shape: (event) => event,
    track(event) {
      batch.push(event)
      if (batch.length >= batchSize) close()
    },
    async flush() {
      if (batch.length > 0) close()
      await sending
    },
  }
}
