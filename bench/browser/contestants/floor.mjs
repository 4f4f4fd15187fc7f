/** The least that a call could do: take a copy that the caller cannot change any more. */
export function open() {
  const kept = []
  return {
    track: (event) => {
      kept[kept.length % 1_000] = JSON.parse(JSON.stringify(event))
    },
  }
}
