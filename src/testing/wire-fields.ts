import * as v from 'valibot'
import { joinPath, wireIssue, type WireIssue } from './wire-issue'

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** User data: bodies come out of JSON.parse, so that being an object is all there is to check. */
export const userData = v.custom<Record<string, unknown>>(isObject, 'must be an object')

export const nonEmpty = v.pipe(v.string(), v.nonEmpty('must not be empty'))

const isoPattern = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

export const timestamp = v.pipe(
  v.string(),
  v.check((text) => isoPattern.test(text) && !Number.isNaN(Date.parse(text)), 'must be an ISO 8601 timestamp'),
)

const camelCase = /^[a-z][a-z0-9]*[A-Z]/

/** The mistake that every hand-written client makes once; told before anything else, as it explains the rest. */
export function camelCaseKey(object: unknown, base: string): WireIssue | undefined {
  if (!isObject(object)) return undefined
  const key = Object.keys(object).find((name) => camelCase.test(name))
  if (key === undefined) return undefined
  return wireIssue(joinPath(base, key), `the wire is snake_case, send ${snakeCase(key)}`)
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Fields that the protocol does not know are let through, as servers must, but told. */
export function unknownFields(object: unknown, known: readonly string[], base: string): string[] {
  if (!isObject(object)) return []
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `${joinPath(base, key)}: not a field of the protocol`)
}

const stringifiedNothing = ['undefined', 'null', '[object Object]']

export function suspiciousUser(body: unknown, base: string): string[] {
  const userId: unknown = isObject(body) ? body.user_id : undefined
  if (typeof userId !== 'string' || !stringifiedNothing.includes(userId)) return []
  return [`${joinPath(base, 'user_id')}: is the text "${userId}"`]
}
