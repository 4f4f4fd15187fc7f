/** What went wrong, for code: compare this, not the class (two copies of the package may be loaded). */
export type RaindropErrorCode =
  | 'invalid_options'
  | 'invalid_event'
  | 'unserialisable'
  | 'too_large'
  | 'rejected'
  | 'unauthorised'
  | 'network'
  | 'timeout'
  | 'storage'
  | 'queue_full'
  | 'before_send'
  | 'tracing'

/**
 * The one error of this SDK. Its message says what failed and what to do; it never holds a payload or the write key.
 * @example
 * const raindrop = new Raindrop({ onError: (error) => console.warn(error.code, error.message) })
 */
export class RaindropError extends Error {
  override readonly name: string = 'RaindropError'
  readonly code: RaindropErrorCode
  override readonly cause?: unknown

  constructor(code: RaindropErrorCode, message: string, cause?: unknown) {
    super(message)
    this.code = code
    if (cause !== undefined) this.cause = cause
  }
}
