import type { Metadata } from 'next'
import { connection } from 'next/server'
import { Inspector } from '../../components/inspector/inspector'
import type { EventPage } from '../../components/inspector/events'
import { ingestUrl } from '../../server/ingest-api'

export const metadata: Metadata = { title: 'Inspector' }

export default async function InspectorPage() {
  await connection()
  return <Inspector initial={await firstPage()} ingestUrl={ingestUrl('/').origin} />
}

/** With the page itself, so that nothing moves when it comes alive. */
async function firstPage(): Promise<EventPage | null> {
  try {
    const response = await fetch(ingestUrl('/api/events'), { cache: 'no-store', signal: AbortSignal.timeout(2_000) })
    return response.ok ? ((await response.json()) as EventPage) : null
  } catch {
    return null
  }
}
