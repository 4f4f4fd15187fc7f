/** Runs what must not be noticed: a client that throws, a field that cannot be read. The app's call goes on as if nothing were there. */
export function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
