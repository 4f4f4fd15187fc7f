'use client'

import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipProps,
} from 'recharts'
import type { ReactElement } from 'react'
import { percent, satisfaction, short, type Point, type Sums } from './overview'

// All of it is drawn with the page's own colours, so that it follows the theme; and without animation, since it is redrawn while things arrive.
const axis = { stroke: 'var(--line-strong)', tick: { fill: 'var(--muted)', fontSize: 12 }, tickLine: false } as const
const grid = <CartesianGrid stroke="var(--line)" vertical={false} />
const margin = { top: 8, right: 8, bottom: 0, left: 0 }
const tooltip = {
  isAnimationActive: false,
  cursor: { fill: 'var(--sunken)', stroke: 'var(--line-strong)' },
  contentStyle: {
    border: '1px solid var(--line)',
    borderRadius: 8,
    background: 'var(--surface)',
    color: 'var(--text)',
  },
  labelStyle: { color: 'var(--muted)' },
  itemStyle: { color: 'var(--text)' },
} satisfies Partial<TooltipProps<number, string>>
const legend = (
  <Legend
    iconType="circle"
    iconSize={8}
    wrapperStyle={{ fontSize: 13 }}
    formatter={(name: string) => <span style={{ color: 'var(--text)' }}>{name}</span>}
  />
)

const Frame = ({ children }: { children: ReactElement }) => (
  <ResponsiveContainer width="100%" height="100%" debounce={50}>
    {children}
  </ResponsiveContainer>
)

interface ByTimeProps<P extends Point> {
  points: P[]
  label: (at: number) => string
}

interface BarsByTimeProps<P extends Point> extends ByTimeProps<P> {
  series: readonly { key: keyof P & string; name: string; color: string }[]
}

export function BarsByTime<P extends Point>({ points, label, series }: BarsByTimeProps<P>) {
  return (
    <Frame>
      <BarChart data={points} margin={margin} accessibilityLayer={false}>
        {grid}
        <XAxis dataKey="at" tickFormatter={label} minTickGap={28} {...axis} />
        <YAxis tickFormatter={short} width={46} allowDecimals={false} {...axis} axisLine={false} />
        <Tooltip labelFormatter={(at) => label(Number(at))} {...tooltip} />
        {legend}
        {series.map(({ key, name, color }) => (
          <Bar
            key={key}
            dataKey={(point: P) => point[key]}
            name={name}
            fill={color}
            stackId="all"
            maxBarSize={28}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </Frame>
  )
}

interface LineByTimeProps extends ByTimeProps<Point & { share: number | null }> {
  name: string
  color: string
  /** To the largest value instead of to all: for shares that are small when all is well. */
  isClose?: boolean
}

/** A share from 0 to 1; where nobody said anything the line goes on to the next one who did. */
export function LineByTime({ points, label, name, color, isClose = false }: LineByTimeProps) {
  return (
    <Frame>
      <LineChart data={points} margin={margin} accessibilityLayer={false}>
        {grid}
        <XAxis dataKey="at" tickFormatter={label} minTickGap={28} {...axis} />
        <YAxis
          // No failures at all are a flat line, not a scale of their own.
          domain={[0, isClose ? (highest: number) => Math.max(highest, 0.05) : 1]}
          {...(!isClose && { ticks: [0, 0.5, 1] })}
          tickFormatter={(share: number) => percent(share)}
          width={52}
          {...axis}
          axisLine={false}
        />
        <Tooltip
          labelFormatter={(at) => label(Number(at))}
          formatter={(share) => percent(Number(share))}
          {...tooltip}
        />
        <Line
          dataKey="share"
          name={name}
          stroke={color}
          strokeWidth={2}
          dot={{ r: 2.5, fill: color, strokeWidth: 0 }}
          connectNulls
          isAnimationActive={false}
        />
      </LineChart>
    </Frame>
  )
}

export function BarsByModel({ models }: { models: readonly ({ model: string } & Sums)[] }) {
  const data = models.map((one) => ({ model: one.model, share: satisfaction(one) }))
  return (
    <Frame>
      <BarChart data={data} layout="vertical" margin={{ ...margin, right: 24 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" horizontal={false} />
        <XAxis
          type="number"
          domain={[0, 1]}
          ticks={[0, 0.5, 1]}
          tickFormatter={(share: number) => percent(share)}
          {...axis}
        />
        <YAxis type="category" dataKey="model" width={116} tickFormatter={cut} {...axis} axisLine={false} />
        <Tooltip formatter={(share) => percent(Number(share))} {...tooltip} />
        <Bar
          dataKey="share"
          name="Share of good votes"
          fill="var(--chart-2)"
          maxBarSize={24}
          isAnimationActive={false}
        />
      </BarChart>
    </Frame>
  )
}

const cut = (name: string) => (name.length <= 16 ? name : `${name.slice(0, 15)}…`)

export function DelayBars({ steps }: { steps: readonly { step: string; events: number }[] }) {
  return (
    <Frame>
      <BarChart data={[...steps]} margin={margin} accessibilityLayer={false}>
        {grid}
        <XAxis dataKey="step" interval={0} {...axis} />
        <YAxis tickFormatter={short} width={46} allowDecimals={false} {...axis} axisLine={false} />
        <Tooltip {...tooltip} />
        <Bar dataKey="events" name="Events" fill="var(--chart-5)" maxBarSize={40} isAnimationActive={false} />
      </BarChart>
    </Frame>
  )
}
