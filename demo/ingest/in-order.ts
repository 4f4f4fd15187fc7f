import type { IngestRecord } from 'raindrop-js/testing'

/** By id, for the reason told in save-events.ts. A stable sort: records of one id stay in the order in which they came. */
export const inOrder = (records: readonly IngestRecord[], kind: IngestRecord['kind']) =>
  records.filter((record) => record.kind === kind).toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))

export const toJson = ({ body }: IngestRecord) => JSON.stringify(body)
