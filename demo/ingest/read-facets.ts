import type { Query } from './database'

/** What can be chosen in the filters. */
export interface Facets {
  events: string[]
  models: string[]
  signals: string[]
}

const most = 200

export const readFacets = async (query: Query): Promise<Facets> => ({
  events: await distinct(query, 'events', 'name'),
  models: await distinct(query, 'events', 'model'),
  signals: await distinct(query, 'signals', 'name'),
})

/** From value to next value along the index: as many steps as there are values, not rows. */
async function distinct(query: Query, table: string, column: string): Promise<string[]> {
  const rows = await query<{ value: string }>(
    `with recursive found as (
       (select ${column} as value from ${table} where ${column} is not null order by ${column} limit 1)
       union all
       select (select ${column} from ${table} where ${column} > found.value order by ${column} limit 1) from found where found.value is not null
     )
     select value from found where value is not null limit ${most}`,
  )
  return rows.map(({ value }) => value)
}
