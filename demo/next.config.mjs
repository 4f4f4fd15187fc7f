import { fileURLToPath } from 'node:url'

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
]

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // The SDK is linked from the workspace root, so the root is where modules are looked for.
  turbopack: { root: fileURLToPath(new URL('..', import.meta.url)) },
  // `npm run check` does it for the whole repository.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
  // Brings files of its own (WebAssembly and data) that a bundle would leave behind.
  serverExternalPackages: ['@electric-sql/pglite'],
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
}

export default config
