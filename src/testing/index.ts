/**
 * What a test of an app, and a test of this SDK, needs: a client over memory, and a strict ingest over loopback HTTP.
 *
 * | you want | take |
 * |---|---|
 * | to assert what your code tracks | {@link createTestRaindrop} |
 * | a real server that refuses what Raindrop would, and fails on command | {@link startIngestServer} |
 * | the same judgement in your own server | {@link readIngestBody}, then {@link checkIngestRequest} |
 * | to fold partials into events as Raindrop does | {@link mergeEvent} |
 * | to check one body | {@link checkWireBody} |
 *
 * Importing it does nothing. `startIngestServer` needs Node; everything else runs wherever JavaScript does.
 *
 * @packageDocumentation
 */
export { createTestRaindrop, type TestRaindrop } from './create-test-raindrop'
export type { FaultMode, FaultOptions } from './faults'
export { readIngestBody, type IngestBody } from './ingest-body'
export type { IngestHeaders } from './ingest-headers'
export type { EventView } from './ingest-log'
export { checkIngestRequest, type IngestRequest, type IngestResult } from './ingest-request'
export { startIngestServer, type IngestServer, type IngestServerOptions } from './ingest-server'
export { mergeEvent, type EventStamps, type MergedEvent } from './merge-event'
export type { RespondOptions } from './test-transport'
export type { IngestKind, IngestRecord, SentRequest, WireFields } from './types'
export { checkWireBody, type WireCheck } from './wire-schema'
