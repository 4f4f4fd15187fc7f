/** The parts that are read of the events of `ai` 7, whatever the operation. All may be missing: users choose what is recorded. */
export interface StartEvent {
  readonly callId: string
  readonly operationId: string
  readonly provider?: string
  readonly modelId?: string
  readonly functionId?: string
  readonly runtimeContext?: { readonly raindrop?: { readonly userId?: string; readonly convoId?: string } }
  readonly messages?: readonly Message[]
  /** generateObject, streamObject. */
  readonly prompt?: string | readonly Message[]
  /** Embeddings. */
  readonly value?: unknown
  /** Reranking. */
  readonly query?: string
  /** Speech. */
  readonly text?: string
}

export interface Message {
  readonly role: string
  readonly content: string | ReadonlyArray<{ readonly type: string; readonly text?: string }>
}

export interface Step {
  readonly finishReason?: string | undefined
  readonly text?: string | undefined
  readonly usage?: unknown
  readonly toolCalls?: readonly unknown[] | undefined
  readonly performance?: { readonly timeToFirstOutputMs?: number } | undefined
}

export interface StepEvent extends Step {
  readonly callId: string
  readonly stepNumber?: number
}

export interface EndEvent extends Step {
  readonly callId: string
  readonly rawFinishReason?: string
  readonly steps?: readonly Step[]
  readonly object?: unknown
  readonly error?: unknown
  readonly embedding?: readonly unknown[]
  readonly ranking?: readonly unknown[]
  readonly response?: { readonly modelId?: string }
}

export interface AbortEvent {
  readonly callId: string
  readonly steps?: readonly Step[]
}

export interface ErrorEvent {
  readonly callId: string
  readonly error: unknown
  readonly recordOutputs?: boolean
}

export interface ToolEvent {
  readonly callId: string
  readonly toolCall: { readonly toolCallId?: string; readonly toolName: string; readonly input?: unknown }
  readonly toolOutput: { readonly type: string; readonly output?: unknown; readonly error?: unknown }
  readonly toolExecutionMs: number
}

export interface ObjectStepEvent {
  readonly callId: string
  readonly stepNumber?: number
  readonly msToFirstChunk?: number
  readonly objectText?: string
  readonly usage?: unknown
  readonly finishReason?: string
}

export interface ToolRun<T> {
  readonly callId: string
  readonly execute: () => PromiseLike<T>
}
