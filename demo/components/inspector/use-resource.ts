'use client'

import { useCallback, useEffect, useState } from 'react'
import { read, ReadError } from './read'

export type Resource<T> =
  | { status: 'loading' }
  | { status: 'missing' }
  | { status: 'failed' }
  | { status: 'ready'; value: T }

/**
 * What is at a path of the ingest, read again when the path or `version` changes, or on `refresh`. What was read stays while it is read again
 * from the same path.
 */
export function useResource<T>(path: string, { initial, version }: { initial?: T | null; version?: string } = {}) {
  const [state, setState] = useState<{ path: string; resource: Resource<T> }>({
    path,
    resource: initial ? { status: 'ready', value: initial } : { status: 'loading' },
  })
  const [round, setRound] = useState(0)
  const refresh = useCallback(() => setRound((last) => last + 1), [])

  useEffect(() => {
    const abort = new AbortController()
    read<T>(path, abort.signal).then(
      (value) => setState({ path, resource: { status: 'ready', value } }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        const status = error instanceof ReadError && error.status === 404 ? 'missing' : 'failed'
        // An older answer says more than none.
        setState((known) =>
          known.path === path && known.resource.status === 'ready' && status === 'failed'
            ? known
            : { path, resource: { status } },
        )
      },
    )
    return () => abort.abort()
  }, [path, version, round])

  const resource: Resource<T> = state.path === path ? state.resource : { status: 'loading' }
  return { resource, refresh }
}
