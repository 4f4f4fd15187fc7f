/** What the address holds: the filters, and what is open. Everything on a page can be sent to somebody as its address. */
export const filterNames = ['text', 'name', 'model', 'signal', 'state', 'user', 'convo'] as const
export type FilterName = (typeof filterNames)[number]
export type Filter = Partial<Record<FilterName, string>>

/** The open event; an older name than that of the filters, and links to it are out there. */
const selectionName = 'event'

interface Parameters {
  get(name: string): string | null
}

export function filterOf(parameters: Parameters): Filter {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = parameters.get(name)
      return value ? [[name, value]] : []
    }),
  )
}

export const selectionOf = (parameters: Parameters) => parameters.get(selectionName)

/** The query of a URL, with its `?` where there is one; in one order, so that equal filters are equal texts. */
export function filterQuery(filter: Filter, more: Readonly<Record<string, string | null | undefined>> = {}): string {
  const query = new URLSearchParams()
  for (const name of filterNames) if (filter[name]) query.set(name, filter[name])
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, value)
  return query.size > 0 ? `?${query}` : ''
}

export const eventsAddress = (filter: Filter, eventId?: string | null) =>
  `/inspector${filterQuery(filter, { [selectionName]: eventId })}`

export const conversationsAddress = (convoId?: string | null, user?: string | null) =>
  `/inspector/conversations${filterQuery({}, { user, open: convoId })}`

/** `history` instead of the router: the page itself stays as it is, so the server has nothing to do. */
export const go = (address: string) => window.history.pushState(null, '', address)
/** The same without a step back to what was before. */
export const replace = (address: string) => window.history.replaceState(null, '', address)

/** What the address says at this moment. A component learns of it with its next render, and fingers are faster than that. */
export const parametersNow = () => new URLSearchParams(window.location.search)
