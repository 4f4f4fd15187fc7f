'use client'

import { useSearchParams } from 'next/navigation'
import { useMemo, useSyncExternalStore } from 'react'
import { BarsByModel, BarsByTime, DelayBars, LineByTime } from './charts'
import { EmptyState, Unreachable } from './empty-state'
import { Figure } from './figure'
import {
  delaySteps,
  errorRate,
  percent,
  pointsOf,
  rangeOf,
  ranges,
  satisfaction,
  short,
  total,
  typicalDelay,
  type Overview,
  type Sums,
} from './overview'
import { useLiveRefresh } from './use-live-messages'
import { useResource } from './use-resource'
import { go } from './view'
import styles from './overview-view.module.css'

const refreshMs = 2_000

export function OverviewView({ initial, ingestUrl }: { initial: Overview | null; ingestUrl: string }) {
  const range = rangeOf(useSearchParams().get('range'))
  const { resource, refresh } = useResource<Overview>(`overview?range=${range}`, {
    initial: initial?.range === range ? initial : null,
  })
  useLiveRefresh(refresh, refreshMs)

  return (
    <div className={styles.overview}>
      <div className={styles.head}>
        <h2 className={styles.title}>Overview</h2>
        <nav aria-label="Range" className={styles.ranges}>
          {ranges.map(([name, label]) => (
            <a
              key={name}
              href={`/inspector/overview?range=${name}`}
              aria-current={name === range || undefined}
              onClick={(click) => {
                if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
                click.preventDefault()
                go(`/inspector/overview?range=${name}`)
              }}
            >
              {label}
            </a>
          ))}
        </nav>
      </div>
      {resource.status === 'ready' && <Loaded overview={resource.value} ingestUrl={ingestUrl} />}
      {resource.status === 'loading' && (
        <p className={styles.note} role="status">
          Loading the overview
        </p>
      )}
      {(resource.status === 'failed' || resource.status === 'missing') && <Unreachable ingestUrl={ingestUrl} />}
    </div>
  )
}

function Loaded({ overview, ingestUrl }: { overview: Overview; ingestUrl: string }) {
  const points = useMemo(() => pointsOf(overview), [overview])
  const sums = total(overview.points)
  const label = useTimeLabels(overview.stepMs)
  const models = overview.models.map((one) => ({ ...one, model: one.model || 'none given' }))

  if (sums.events === 0 && sums.signals === 0) {
    return overview.range === 'all' ? (
      <EmptyState ingestUrl={ingestUrl} />
    ) : (
      <p className={styles.note}>Nothing arrived in this time. Choose a longer one, or ask a question in the chat.</p>
    )
  }
  return (
    <>
      <Tiles sums={sums} />
      <div className={styles.figures}>
        <Figure
          title="Events"
          summary={`${sums.events} events, ${sums.errors} of them failed`}
          head={['Time', 'Without error', 'Failed']}
          rows={points.map((point) => [label(point.at), point.events - point.errors, point.errors])}
        >
          <BarsByTime
            points={points.map((point) => ({ ...point, fine: point.events - point.errors }))}
            label={label}
            series={[
              { key: 'fine', name: 'Without error', color: 'var(--chart-1)' },
              { key: 'errors', name: 'Failed', color: 'var(--chart-4)' },
            ]}
          />
        </Figure>
        <Figure
          title="Satisfaction"
          summary={`${sums.positive} good and ${sums.negative} bad votes, ${percent(satisfaction(sums))} good`}
          head={['Time', 'Good', 'Bad', 'Share of good']}
          rows={points.map((point) => [label(point.at), point.positive, point.negative, percent(satisfaction(point))])}
        >
          <LineByTime
            points={points.map((point) => ({ ...point, share: satisfaction(point) }))}
            label={label}
            name="Share of good votes"
            color="var(--chart-2)"
          />
        </Figure>
        <Figure
          title="Satisfaction by model"
          summary={models.map((one) => `${one.model}: ${percent(satisfaction(one))}`).join(', ')}
          head={['Model', 'Events', 'Good', 'Bad', 'Share of good']}
          rows={models.map((one) => [one.model, one.events, one.positive, one.negative, percent(satisfaction(one))])}
        >
          <BarsByModel models={models.filter((one) => one.positive + one.negative > 0).slice(0, 6)} />
        </Figure>
        <Figure
          title="Error rate"
          summary={`${percent(errorRate(sums))} of the events failed`}
          head={['Time', 'Events', 'Failed', 'Error rate']}
          rows={points.map((point) => [label(point.at), point.events, point.errors, percent(errorRate(point))])}
        >
          <LineByTime
            points={points.map((point) => ({ ...point, share: errorRate(point) }))}
            label={label}
            name="Error rate"
            color="var(--chart-4)"
            isClose
          />
        </Figure>
        <Figure
          title="Tokens"
          summary={`${sums.input_tokens} tokens in, ${sums.output_tokens} out`}
          head={['Time', 'In', 'Out']}
          rows={points.map((point) => [label(point.at), point.input_tokens, point.output_tokens])}
        >
          <BarsByTime
            points={points}
            label={label}
            series={[
              { key: 'input_tokens', name: 'In', color: 'var(--chart-1)' },
              { key: 'output_tokens', name: 'Out', color: 'var(--chart-3)' },
            ]}
          />
        </Figure>
        <Figure
          title="Delivery delay"
          summary={`From the call to the ingest, typically ${typicalDelay(sums) ?? 'unknown'}`}
          head={['Arrived within', 'Events']}
          rows={delaySteps.map(([name, step]) => [step, sums[name]])}
        >
          <DelayBars steps={delaySteps.map(([name, step]) => ({ step, events: sums[name] }))} />
        </Figure>
      </div>
    </>
  )
}

function Tiles({ sums }: { sums: Sums }) {
  const tiles: readonly (readonly [string, string])[] = [
    ['Events', short(sums.events)],
    ['Interactions open', short(sums.open_interactions)],
    ['Interactions finished', short(sums.interactions - sums.open_interactions)],
    ['Signals', short(sums.signals)],
    ['Satisfaction', percent(satisfaction(sums))],
    ['Error rate', percent(errorRate(sums))],
    ['Tokens', short(sums.input_tokens + sums.output_tokens)],
    ['Delivery', typicalDelay(sums) ?? '–'],
  ]
  return (
    <dl className={styles.tiles}>
      {tiles.map(([name, value]) => (
        <div key={name} className={styles.tile}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const day = 86_400_000

/** The reader's own time, as soon as the page is alive: the server knows UTC only. */
function useTimeLabels(stepMs: number): (at: number) => string {
  const isServer = useSyncExternalStore(never, no, yes)
  return useMemo(() => {
    const zone = isServer || stepMs >= day ? { timeZone: 'UTC' } : {}
    const format = new Intl.DateTimeFormat('en', {
      ...zone,
      ...(stepMs >= 3_600_000 && { month: 'short', day: 'numeric' }),
      ...(stepMs < day && { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    })
    return (at) => format.format(at)
  }, [isServer, stepMs])
}

const never = () => () => undefined
const no = () => false
const yes = () => true
