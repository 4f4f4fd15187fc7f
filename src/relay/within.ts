/** The value, or undefined when it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let stop = (): void => undefined
  const late = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms)
    stop = () => clearTimeout(timer)
  })
  return await Promise.race([work, late]).finally(stop)
}

/** What is known after that time at the latest, in the order of the works; undefined for what is not. */
export async function settledWithin<T>(
  ms: number,
  works: readonly Promise<T>[],
): Promise<ReadonlyArray<T | undefined>> {
  const known: Array<T | undefined> = works.map(() => undefined)
  const all = Promise.all(works.map((work, index) => work.then((value) => (known[index] = value))))
  // What is known already is told in this turn; a timer of 0 ms would cost a millisecond.
  await (ms > 0 ? within(ms, all) : Promise.resolve())
  return known
}
