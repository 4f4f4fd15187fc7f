import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Stands before the ingest: can be taken down and put up again at the same address, and sees the preflights that no log shows. */
export interface Gate {
  readonly origin: string
  readonly methods: readonly string[]
  /** Of POSTs, by `performance.now()`. */
  readonly arrivals: readonly number[]
  /** Bytes of bodies, as they came over the wire. */
  readonly bytes: number
  up(): Promise<void>
  /** Nothing listens any more; what is under way is cut. */
  down(): Promise<void>
}

export async function createGate(target: string): Promise<Gate> {
  const methods: string[] = []
  const arrivals: number[] = []
  const sockets = new Set<Socket>()
  let bytes = 0
  let server: Server | undefined
  let port = 0

  function handle(message: IncomingMessage, response: ServerResponse): void {
    methods.push(message.method ?? '')
    if (message.method === 'POST') arrivals.push(performance.now())
    const { method, headers, url } = message
    const passed = forward(target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    passed.on('error', () => response.destroy())
    response.on('close', () => passed.destroy())
    message.on('data', (chunk: Uint8Array) => (bytes += chunk.byteLength))
    message.pipe(passed)
  }

  async function up(): Promise<void> {
    if (server) return
    server = createServer(handle)
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }

  await up()
  return {
    origin: `http://127.0.0.1:${port}`,
    methods,
    arrivals,
    get bytes() {
      return bytes
    },
    up,
    async down() {
      const closing = server
      server = undefined
      const closed = new Promise((resolve) => (closing ? closing.close(resolve) : resolve(undefined)))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
