'use client'

import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from 'react'
import type { Facets } from './events'
import {
  eventsAddress,
  filterNames,
  filterOf,
  filterQuery,
  parametersNow,
  replace,
  selectionOf,
  type Filter,
  type FilterName,
} from './view'
import styles from './filters.module.css'

interface FiltersProps {
  filter: Filter
  facets: Facets
  searchRef: RefObject<HTMLInputElement | null>
}

const typingMs = 200

export function Filters({ filter, facets, searchRef }: FiltersProps) {
  const set = (name: FilterName, value: string) => {
    const now = parametersNow()
    replace(eventsAddress({ ...filterOf(now), [name]: value || undefined }, selectionOf(now)))
  }
  const others = filterNames.filter((name) => name !== 'text' && filter[name])
  const [isOpen, setOpen] = useState(others.length > 0)
  return (
    <div className={styles.filters} role="search" aria-label="Events">
      <div className={styles.row}>
        <SearchField value={filter.text ?? ''} onChange={(text) => set('text', text)} fieldRef={searchRef} />
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={isOpen}
          aria-controls="event-filters"
          onClick={() => setOpen(!isOpen)}
        >
          Filters{others.length > 0 ? ` (${others.length})` : ''}
        </button>
      </div>
      <div id="event-filters" className={styles.more} hidden={!isOpen}>
        <Choice label="Event" value={filter.name} values={facets.events} onChange={(value) => set('name', value)} />
        <Choice
          label="State"
          value={filter.state}
          values={['open', 'finished', 'failed']}
          onChange={(value) => set('state', value)}
        />
        <Choice label="Model" value={filter.model} values={facets.models} onChange={(value) => set('model', value)} />
        <Choice
          label="Signal"
          value={filter.signal}
          values={facets.signals}
          onChange={(value) => set('signal', value)}
        />
        <TextField label="User" value={filter.user ?? ''} onChange={(value) => set('user', value)} />
        <TextField label="Conversation" value={filter.convo ?? ''} onChange={(value) => set('convo', value)} />
        <p className={styles.actions}>
          <a href={exportAddress(filter, 'json')} download>
            Export JSON
          </a>
          <a href={exportAddress(filter, 'csv')} download>
            Export CSV
          </a>
          {filterQuery(filter) !== '' && (
            <button
              type="button"
              className={styles.clear}
              onClick={() => replace(eventsAddress({}, selectionOf(parametersNow())))}
            >
              Clear filters
            </button>
          )}
        </p>
      </div>
    </div>
  )
}

const exportAddress = (filter: Filter, format: string) => `/api/inspector/export${filterQuery(filter, { format })}`

interface FieldProps {
  value: string
  onChange: (value: string) => void
}

function SearchField({ fieldRef, ...field }: FieldProps & { fieldRef: RefObject<HTMLInputElement | null> }) {
  const typed = useTyped(field)
  return (
    <input
      ref={fieldRef}
      className={styles.search}
      type="search"
      aria-label="Search input and output"
      aria-keyshortcuts="/"
      placeholder="Search input and output"
      autoComplete="off"
      spellCheck={false}
      maxLength={500}
      {...typed}
    />
  )
}

function TextField({ label, ...field }: FieldProps & { label: string }) {
  const typed = useTyped(field)
  return (
    <Field label={label}>
      {(id) => (
        <input id={id} type="text" autoComplete="off" spellCheck={false} maxLength={500} placeholder="Id" {...typed} />
      )}
    </Field>
  )
}

/** Beside each other, not one in the other: what can be chosen is no part of the name. */
function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  )
}

/** What is typed shows at once and counts a moment later. What the address says otherwise wins. */
function useTyped({ value, onChange }: FieldProps) {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  if (known !== value) {
    setKnown(value)
    if (typed.trim() !== value) setTyped(value)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    value: typed,
    onChange: ({ target }: { target: HTMLInputElement }) => {
      setTyped(target.value)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => onChange(target.value.trim()), typingMs)
    },
  }
}

interface ChoiceProps {
  label: string
  value: string | undefined
  values: readonly string[]
  onChange: (value: string) => void
}

function Choice({ label, value = '', values, onChange }: ChoiceProps) {
  // A link may name one that is gone.
  const options = value && !values.includes(value) ? [value, ...values] : values
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">Any</option>
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
