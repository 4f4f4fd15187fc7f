/** A queue whose `shift` does not move what stays: an array's does, and an outage makes long ones. */
export interface Fifo<T> {
  readonly length: number
  push(item: T): void
  shift(): T | undefined
}

/** Slots freed at the front before they are given back. */
const COMPACT_AT = 1_024

export function createFifo<T>(): Fifo<T> {
  let items: Array<T | undefined> = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    push(item) {
      items.push(item)
    },
    shift() {
      if (head === items.length) return undefined
      const item = items[head]
      items[head++] = undefined
      if (head === items.length || head >= COMPACT_AT) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
