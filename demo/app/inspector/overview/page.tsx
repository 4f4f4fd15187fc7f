import type { Metadata } from 'next'
import { rangeOf, type Overview } from '../../../components/inspector/overview'
import { OverviewView } from '../../../components/inspector/overview-view'
import { ingestUrl, readIngest } from '../../../server/ingest-api'
import { asParameters, type SearchParams } from '../search-params'

export const metadata: Metadata = { title: 'Overview' }

export default async function OverviewPage({ searchParams }: { searchParams: SearchParams }) {
  const range = rangeOf(asParameters(await searchParams).get('range'))
  const overview = await readIngest<Overview>(`/api/overview?range=${range}`)
  return <OverviewView initial={overview} ingestUrl={ingestUrl('/').origin} />
}
