import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface TestPostgres {
  connectionString: string
  stop(): Promise<void>
}

/** Where this machine has a PostgreSQL server, as Debian installs it or on the PATH; undefined where it has none. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.find((folder) => ['initdb', 'pg_ctl', 'postgres'].every((tool) => existsSync(join(folder, tool))))
}

/** A cluster of its own in a temporary folder, on a free port of the loopback. Nothing in it survives the machine unless it `isDurable`. */
export async function startPostgres(binaries: string, { isDurable = false } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'raindrop-postgres-'))
  const asOwner = await ownerOf(folder)
  const tool = (name: string, ...parameters: string[]) => {
    const [command = '', ...rest] = [...asOwner, join(binaries, name), ...parameters]
    return run(command, rest, { cwd: folder })
  }

  const data = join(folder, 'data')
  const port = await freePort()
  await tool('initdb', '-D', data, '-U', 'demo', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  const settings = `-p ${port} -k '' -c listen_addresses=127.0.0.1 ${isDurable ? '' : '-c fsync=off'}`
  await tool('pg_ctl', '-D', data, '-o', settings, '-l', join(folder, 'log'), '-w', 'start')
  return {
    connectionString: `postgres://demo@127.0.0.1:${port}/postgres`,
    async stop() {
      await tool('pg_ctl', '-D', data, '-m', 'immediate', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
async function ownerOf(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return []
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  )
  chownSync(folder, uid ?? 0, gid ?? 0)
  return ['runuser', '-u', 'postgres', '--']
}

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })
