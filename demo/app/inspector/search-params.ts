/** As Next gives them to a page. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/** The same as the page reads them in the browser; of a name that is there twice the first counts. */
export const asParameters = (given: Awaited<SearchParams>) =>
  new URLSearchParams(
    Object.entries(given).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value
      return first === undefined ? [] : [[name, first]]
    }),
  )
