import type { Raindrop } from 'raindrop-js'
import { useProvided } from './provider'

/** The client of the provider above; without one it throws an error that says how to add it. */
export function useRaindrop(): Raindrop {
  return useProvided().client
}
