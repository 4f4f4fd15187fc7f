/**
 * The few Web names that core uses, for a compilation without DOM and Node types. Ambient on purpose: in a user's project the same
 * names are those of the DOM library or of Node.
 */
interface Headers {
  get(name: string): string | null
}
interface ReadableStreamReadResult<R> {
  done: boolean
  value?: R
}
interface ReadableStreamDefaultReader<R = any> {
  read(): Promise<ReadableStreamReadResult<R>>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}
interface ReadableStreamDefaultController<R = any> {
  enqueue(chunk: R): void
  close(): void
  error(reason?: unknown): void
}
interface ReadableStream<R = any> {
  getReader(): ReadableStreamDefaultReader<R>
  cancel(reason?: unknown): Promise<void>
}
declare const ReadableStream: {
  new <R>(
    source: {
      pull(controller: ReadableStreamDefaultController<R>): Promise<void> | void
      cancel(reason?: unknown): Promise<void> | void
    },
    strategy?: { highWaterMark: number },
  ): ReadableStream<R>
}
declare class TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}
declare class URL {
  constructor(url: string, base?: string)
  readonly href: string
  readonly protocol: string
  readonly username: string
  readonly password: string
}
declare const crypto: {
  randomUUID?(): string
  getRandomValues<T extends Uint8Array>(bytes: T): T
}
declare const console: {
  error(...data: unknown[]): void
  log(...data: unknown[]): void
  warn(...data: unknown[]): void
}
declare function fetch(input: string, init?: object): Promise<unknown>
declare function queueMicrotask(callback: () => void): void
declare class AbortController {
  readonly signal: object
  abort(): void
}
