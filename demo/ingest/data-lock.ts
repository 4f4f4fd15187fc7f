import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * PGlite does not notice a second process on its directory, and both would damage it. A listening socket is the lock: unlike a file
 * with a process id it ends with its process, however that ends. Resolves with false when another process holds it.
 */
export async function lockDirectory(directory: string): Promise<boolean> {
  const address = lockAddress(directory)
  if (await listen(address)) return true
  if (await isAlive(address)) return false
  // Left behind by a process that was killed.
  if (process.platform !== 'win32') rmSync(address, { force: true })
  return listen(address)
}

/** Not in the directory itself: a socket's path may have about 100 bytes. */
function lockAddress(directory: string): string {
  const name = `raindrop-ingest-${createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 16)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

const listen = (address: string) =>
  new Promise<boolean>((done, fail) => {
    const server: Server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)))
    server.listen(address, () => done(true)).unref()
  })

const isAlive = (address: string) =>
  new Promise<boolean>((done) => {
    const socket = createConnection(address, () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
