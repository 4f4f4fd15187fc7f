import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { cookies, headers } from 'next/headers'
import { keyFor } from './secret'

const cookieName = 'raindrop_demo_visitor'
const oneYear = 60 * 60 * 24 * 365
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value)

/** Whose cookie this request carries; null before the first question, and for a cookie that we did not sign. */
export async function currentVisitor(): Promise<string | null> {
  const [id, signature = ''] = (await cookies()).get(cookieName)?.value.split('.') ?? []
  if (!isUuid(id)) return null
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(id))]
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : null
}

/** The visitor's id, made on the first question. Only for server actions: elsewhere Next cannot set a cookie. */
export async function visitorId(): Promise<string> {
  const known = await currentVisitor()
  if (known) return known
  const id = randomUUID()
  const isHttps = (await headers()).get('x-forwarded-proto') === 'https'
  const options = { httpOnly: true, sameSite: 'lax', secure: isHttps, maxAge: oneYear, path: '/' } as const
  ;(await cookies()).set(cookieName, `${id}.${sign(id)}`, options)
  return id
}

const sign = (id: string) => createHmac('sha256', keyFor('visitor cookie')).update(id).digest('base64url')
