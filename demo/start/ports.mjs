import { createServer } from 'node:net'
import { StartError } from './errors.mjs'

const attempts = 20

/**
 * The port that the environment asks for, or the default one, or the next free one after it.
 *
 * @param {string} variable
 * @param {number} fallback
 * @param {readonly number[]} taken Already given away, but not listened on yet.
 */
export async function choosePort(variable, fallback, taken = []) {
  const asked = process.env[variable]
  if (asked) {
    const port = Number(asked)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new StartError(`${variable}=${asked}: a port is a number from 1 to 65535.`)
    if (!(await isFree(port)))
      throw new StartError(
        `${variable}=${port}: the port is taken. Set ${variable} to a free one, or stop what listens there.`,
      )
    return port
  }
  for (let port = fallback; port < fallback + attempts; port += 1) {
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new StartError(`No port from ${fallback} to ${fallback + attempts - 1} is free. Set ${variable} to a free one.`)
}

/** On both loopbacks: "localhost" in a browser may be either, and must not lead to somebody else. */
async function isFree(port) {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'))
}

const canListen = (port, host) =>
  new Promise((done) => {
    const server = createServer()
    // A machine without IPv6 has nobody listening there either.
    server.once('error', ({ code }) => done(code !== 'EADDRINUSE' && code !== 'EACCES'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)))
  })
