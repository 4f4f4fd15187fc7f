import type { FeedbackHandle, SignalInput } from 'raindrop-js'
import type { UseSignalOptions } from './use-signal'

/** What may be said about one target. */
export interface Calls {
  /** Same vote again clears it. Inside the undo window nothing but the last state is sent. */
  vote(vote: 'up' | 'down' | null): void
  /** Sent at once, after a vote that was still held. */
  comment(text: string, options?: { reasons?: readonly string[] }): void
  /** Sent at once, with what changed. */
  edit(after: string, before?: string): void
  /** Any other signal, e.g. copied, regenerated. Returns its id, or '' without a target. */
  track(signal: SignalInput<{}>): string
  /** Takes back what was said last. */
  undo(): void
  /** Sends again what failed, under the same ids. */
  retry(): void
}

/** What can be said about a target, if there is one, with the properties that go along. */
export function createCalls(
  open: () => FeedbackHandle | null,
  options: () => Pick<UseSignalOptions, 'undoWindowMs' | 'properties'>,
): Calls {
  const extra = () => ({ properties: options().properties })
  return {
    vote: (vote) => open()?.vote(vote, { ...extra(), undoWindowMs: options().undoWindowMs }),
    comment: (text, said) => open()?.comment(text, { ...extra(), ...said }),
    edit: (after, before) => open()?.edit(after, { ...extra(), before }),
    track: (signal) =>
      open()?.track({ ...signal, properties: { ...options().properties, ...signal.properties } }) ?? '',
    undo: () => open()?.undo(),
    retry: () => open()?.retry(),
  }
}
