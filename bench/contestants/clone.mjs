/** The floor of a call that takes a snapshot: copies plain JSON, converts nothing, checks nothing, sends nothing. */
function clone(value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = []
    for (let index = 0; index < value.length; index++) items.push(clone(value[index]))
    return items
  }
  const fields = {}
  for (const key in value) fields[key] = clone(value[key])
  return fields
}

export function open() {
  let kept = []
  return {
    shape: (event) => event,
    track: (event) => void kept.push(clone(event)),
    async flush() {
      kept = []
    },
  }
}
