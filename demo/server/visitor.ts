import { randomUUID } from 'node:crypto'
import { cookies, headers } from 'next/headers'

const cookieName = 'raindrop_demo_visitor'
const oneYear = 60 * 60 * 24 * 365
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value)

/** The visitor's id, made on the first question. Only for server actions: elsewhere Next cannot set a cookie. */
export async function visitorId(): Promise<string> {
  const jar = await cookies()
  const known = jar.get(cookieName)?.value
  if (isUuid(known)) return known
  const id = randomUUID()
  const isHttps = (await headers()).get('x-forwarded-proto') === 'https'
  jar.set(cookieName, id, { httpOnly: true, sameSite: 'lax', secure: isHttps, maxAge: oneYear, path: '/' })
  return id
}
