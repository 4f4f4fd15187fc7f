/** As Node, fetch and plain objects give them. */
export type IngestHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

export function lowerCaseHeaders(headers: IngestHeaders = {}): Record<string, string> {
  const pairs = headers instanceof Headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(
    pairs.filter(([, value]) => value !== undefined).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
}

/** Any origin: a write key, not a cookie, lets a request in. Retry-After has to be exposed, or a page cannot read it. */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after',
} as const

export const preflightHeaders = {
  ...corsHeaders,
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, content-encoding, x-raindrop-project-id, traceparent',
  'access-control-max-age': '600',
} as const

export const jsonHeaders = {
  ...corsHeaders,
  'content-type': 'application/json',
  // RFC 7694: tells clients that request bodies may be gzipped here.
  'accept-encoding': 'gzip',
} as const

/** Whether the bearer token is there, and is the expected one where one is expected. */
export function isAuthorized(authorization: string | undefined, writeKey: string | undefined): boolean {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return token !== undefined && (writeKey === undefined || isSameSecret(token, writeKey))
}

/** Takes as long for a near miss as for a far one; node:crypto has this, but edges and browsers do not. */
function isSameSecret(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length
  for (let at = 0; at < given.length; at += 1) {
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at % expected.length)
  }
  return difference === 0
}

const slug = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The project that a request names, `default` where it names none, undefined where the name cannot be one. */
export function projectOf(header: string | undefined): string | undefined {
  const name = header?.trim() || 'default'
  return slug.test(name) ? name : undefined
}
