import type { ServerResponse } from 'node:http'
import type { Fault } from './faults'
import { corsHeaders, jsonHeaders } from './ingest-headers'
import type { IngestResult } from './ingest-request'
import type { SentRequest } from './types'

export type Answer = Pick<IngestResult, 'status' | 'headers' | 'body'>

interface Exchange {
  readonly request: SentRequest
  readonly response: ServerResponse
  /** Judges the request and keeps what is good in it; the modes that never call it lose the batch. */
  readonly take: () => Answer
}

/** Answers one request as the fault says, and notes the status on it where one went out. */
export function answerWithFault(fault: Fault, { request, response, take }: Exchange): void {
  function answer(result: Answer): void {
    request.status = result.status
    sendAnswer(response, result)
  }

  switch (fault.mode) {
    case 'ok':
      return answer(take())
    case 'status': {
      const retryAfter = fault.retryAfter === undefined ? undefined : { 'retry-after': fault.retryAfter }
      const { status } = fault
      return answer({ status, headers: { ...jsonHeaders, ...retryAfter }, body: { error: `fault: ${status}` } })
    }
    case 'garbage':
      request.status = 200
      response.writeHead(200, { ...corsHeaders, 'content-type': 'text/html' })
      response.end('<!doctype html><title>Sign in to this network</title>')
      return
    case 'hang':
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'lost':
      take()
      response.socket?.destroy()
      return
    case 'slow': {
      const result = take()
      const timer = setTimeout(() => answer(result), fault.delayMs)
      response.once('close', () => clearTimeout(timer))
      return
    }
    case 'slow-body': {
      const { status, headers, body } = take()
      const bytes = Buffer.from(JSON.stringify(body))
      request.status = status
      response.writeHead(status, { ...headers, 'content-length': bytes.byteLength })
      response.write(bytes.subarray(0, bytes.byteLength / 2))
    }
  }
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers)
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
