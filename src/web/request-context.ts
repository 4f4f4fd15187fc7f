type WaitUntil = (work: Promise<unknown>) => void
interface RequestContext {
  waitUntil?: WaitUntil
  ctx?: { waitUntil?: WaitUntil }
}

/** Where hosts keep the request that is being answered: Vercel's functions, next-on-pages and OpenNext on Cloudflare. */
const VERCEL = Symbol.for('@vercel/request-context')
const CLOUDFLARE = [Symbol.for('__cloudflare-request-context__'), Symbol.for('__cloudflare-context__')]

/** `waitUntil` of the serverless request that is being answered, where the host tells. */
export function hostWaitUntil(): WaitUntil | undefined {
  const host = globalThis as unknown as Record<symbol, unknown>
  const vercel = (host[VERCEL] as { get?: () => RequestContext | undefined } | undefined)?.get?.()
  if (vercel?.waitUntil) return vercel.waitUntil
  for (const symbol of CLOUDFLARE) {
    const context = (host[symbol] as RequestContext | undefined)?.ctx
    if (context?.waitUntil) return (work) => context.waitUntil?.(work)
  }
  return undefined
}
