import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { choosePort } from './ports.mjs'

const open: Server[] = []
afterEach(async () => {
  delete process.env.TEST_PORT
  await Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))))
})

const takenPort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
    open.push(server)
  })

it('says which variable to set when the port that was asked for is taken', async () => {
  const port = await takenPort()
  process.env.TEST_PORT = String(port)
  await expect(choosePort('TEST_PORT', 3000)).rejects.toThrow(
    `TEST_PORT=${port}: the port is taken. Set TEST_PORT to a free one, or stop what listens there.`,
  )
})

it('takes the next free port where none was asked for', async () => {
  const port = await takenPort()
  const chosen = await choosePort('TEST_PORT', port)
  expect(chosen).toBeGreaterThan(port)
  expect(await choosePort('TEST_PORT', port, [chosen])).toBeGreaterThan(chosen)
})

it.each(['0', '70000', '3000x', '-1'])('refuses %s as a port', async (value) => {
  process.env.TEST_PORT = value
  await expect(choosePort('TEST_PORT', 3000)).rejects.toThrow(`TEST_PORT=${value}: a port is a number from 1 to 65535.`)
})
