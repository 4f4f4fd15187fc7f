/** Called by Next when the server starts. In this form the bundle for edges leaves the import out. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { startServer } = await import('./server/start')
    startServer()
  }
}
