import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { describeQueueStore } from '../core/queue-store.contract.js'
import type { QueueStore } from '../core/types.js'
import { fileQueue, type FileQueue } from './file-queue.js'

const directories: string[] = []
const queues: FileQueue[] = []

const newDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), 'raindrop-queue-'))
  directories.push(directory)
  return join(directory, 'queue')
}
const open = (directory: string) => {
  const queue = fileQueue(directory)
  queues.push(queue)
  return queue
}
const record = (key: string, json = JSON.stringify({ key })) => ({ key, json })
const keysIn = async (store: QueueStore) => (await store.peek({ prefix: '', limit: 100_000 })).map(({ key }) => key)
/** Relative paths of all files below. */
const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
const segmentsIn = (directory: string) => filesIn(directory).filter((path) => path.endsWith('.ndjson'))
const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)

afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.close().catch(() => undefined)
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

describeQueueStore('fileQueue', () => {
  const directory = newDirectory()
  return { store: fileQueue(directory), reopen: () => fileQueue(directory) }
})

/** A folder as a dead writer leaves it. */
function leaveBehind(directory: string, content: string, lock: object | string | undefined, name = 'raindrop-a1-1-b2') {
  const home = join(directory, basename(directory) === 'queue' ? 'client-a' : '', name)
  mkdirSync(home, { recursive: true })
  if (lock !== undefined) writeFileSync(join(home, 'lock'), typeof lock === 'string' ? lock : JSON.stringify(lock))
  writeFileSync(join(home, `${name}-000001.ndjson`), content)
  return home
}
const deadOwner = { pid: 2 ** 22 + 1, host: hostname(), start: 'x' }

describe('fileQueue', () => {
  it('creates nothing before the first record', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    expect(existsSync(directory)).toBe(false)
    expect(await queue.size('')).toEqual({ records: 0, bytes: 0 })
    await queue.remove(['a/1'])
    expect(existsSync(directory)).toBe(false)
  })

  it('refuses an empty directory with an error that says what to pass', () => {
    expect(() => fileQueue('')).toThrow(expect.objectContaining({ code: 'invalid_options' }))
  })

  it('has the record in a file when put resolved, one JSON array a line', async () => {
    const directory = newDirectory()
    await open(directory).put([record('a/1', '{"x":1}'), record('a/2', '"text"')])
    const [segment = ''] = segmentsIn(directory)
    expect(linesOf(segment)).toEqual(['["a/1",{"x":1}]', String.raw`["a/2","\"text\""]`])
  })

  it('writes each acknowledgement as a line of JSON', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    await queue.put([record('a/1'), record('a/2')])
    await queue.remove(['a/1'])
    expect(linesOf(segmentsIn(directory)[0] ?? '').map((line) => JSON.parse(line) as unknown)).toEqual([
      ['a/1', { key: 'a/1' }],
      ['a/2', { key: 'a/2' }],
      ['a/1'],
    ])
  })

  it('gives back a text that UTF-8 cannot hold', async () => {
    const queue = open(newDirectory())
    const odd = [record('a/\ud800', '{"half":"\udc00"}')]
    await queue.put(odd)
    expect(await queue.peek({ prefix: '', limit: 10 })).toEqual(odd)
    await queue.close()
    expect(await queue.peek({ prefix: '', limit: 10 })).toEqual(odd)
  })

  it('is readable by its user only', async () => {
    const directory = newDirectory()
    await open(directory).put([record('a/1')])
    const client = join(directory, 'client-a')
    const home = join(client, readdirSync(client)[0] ?? '')
    for (const path of [directory, client, home]) expect(statSync(path).mode & 0o777).toBe(0o700)
    for (const path of filesIn(directory)) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('leaves no data behind when all is acknowledged, and nothing but the directory after close', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    await queue.put([record('a/1'), record('a/2')])
    await queue.remove(['a/1', 'a/2'])
    expect(segmentsIn(directory).map((path) => statSync(path).size)).toEqual([0])
    await queue.close()
    expect(readdirSync(directory)).toEqual([])
  })

  it('can be used again after close', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    await queue.put([record('a/1')])
    await queue.close()
    await queue.put([record('a/2')])
    expect(await keysIn(queue)).toEqual(['a/1', 'a/2'])
  })

  it('begins a new file after 1,000 records or 1 MiB, and deletes each when all of it is acknowledged', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    const keys = Array.from({ length: 2_500 }, (_, index) => `a/${String(index).padStart(5, '0')}`)
    await queue.put(keys.map((key) => record(key)))
    expect(segmentsIn(directory)).toHaveLength(3)
    await queue.remove(keys.slice(1_000, 2_000))
    expect(segmentsIn(directory)).toHaveLength(2)
    await queue.put([record('a/b1', JSON.stringify('x'.repeat(1_100_000)))])
    await queue.put([record('a/b2')])
    expect(segmentsIn(directory)).toHaveLength(3)
    await queue.remove([...keys, 'a/b1', 'a/b2'])
    expect(segmentsIn(directory)).toHaveLength(1)
  })

  it('joins puts that arrive while a write is under way', async () => {
    const directory = newDirectory()
    const queue = open(directory)
    await queue.put([record('a/0')])
    const puts = Array.from({ length: 500 }, (_, index) => queue.put([record(`a/${index}`)]))
    await puts[0]
    // The first went alone, the others in one write: when the second is there, all are.
    await puts[1]
    expect(linesOf(segmentsIn(directory)[0] ?? '')).toHaveLength(501)
    await Promise.all(puts)
  })

  describe('putSync', () => {
    it('has written when it returns', () => {
      const directory = newDirectory()
      open(directory).putSync([record('a/1'), record('a/2')])
      expect(segmentsIn(directory).flatMap(linesOf)).toHaveLength(2)
    })

    it('writes what was put before it, too, and in that order', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      const settled = Promise.all([
        queue.put([record('a/1', '1')]),
        queue.put([record('a/2', '1')]),
        queue.remove(['a/2']),
        queue.put([record('a/3', '1')]),
      ])
      queue.putSync([record('a/1', '2'), record('a/3', '2')])
      const written = segmentsIn(directory)
        .flatMap(linesOf)
        .map((line) => line)
      expect(written).toEqual(expect.arrayContaining(['["a/1",2]', '["a/3",2]']))
      await settled
      const expected = [record('a/1', '2'), record('a/3', '2')]
      expect(await queue.peek({ prefix: '', limit: 10 })).toEqual(expected)
      await queue.close()
      expect(await open(directory).peek({ prefix: '', limit: 10 })).toEqual(expected)
    })

    it('may come in the middle of an asynchronous write without harm to either', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put([record('a/0')])
      const big = Array.from({ length: 900 }, (_, index) => record(`b/${index}`, JSON.stringify('y'.repeat(2_000))))
      const writing = queue.put(big)
      queue.putSync([record('a/1'), record('b/1', '"newer"')])
      queue.removeSync(['b/2', 'a/0'])
      await writing
      expect((await queue.size('b/')).records).toBe(899)
      expect(await queue.peek({ prefix: 'b/1', limit: 1 })).toEqual([record('b/1', '"newer"')])
      await queue.close()
      const again = open(directory)
      expect((await again.size('b/')).records).toBe(899)
      expect(await again.peek({ prefix: 'b/1', limit: 1 })).toEqual([record('b/1', '"newer"')])
      expect(await again.peek({ prefix: 'a/', limit: 5 })).toEqual([record('a/1')])
    })

    it('leaves no file behind when it acknowledges the last record beside an asynchronous acknowledgement', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      const keys = Array.from({ length: 1_001 }, (_, index) => `a/${index}`)
      await queue.put(keys.map((key) => record(key)))
      await queue.remove(keys.slice(2))
      const removing = queue.remove(['a/0'])
      // Twice round the microtasks: the removal is under way by then.
      await Promise.resolve().then(() => undefined)
      queue.removeSync(['a/1'])
      await removing
      await queue.close()
      expect(readdirSync(directory)).toEqual([])
    })

    it('does not disturb a read of several files', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      const keys = Array.from({ length: 1_500 }, (_, index) => `a/${String(index).padStart(4, '0')}`)
      await queue.put(keys.map((key) => record(key)))
      const reading = queue.peek({ prefix: 'a/', limit: 2_000 })
      await Promise.resolve().then(() => undefined)
      queue.removeSync(keys.slice(1_000))
      queue.putSync(keys.slice(0, 600).map((key) => record(key.replace('a', 'b'))))
      expect(await reading).toEqual(keys.map((key) => record(key)))
    })

    it('does not hide what a dead process left', async () => {
      const directory = newDirectory()
      leaveBehind(directory, '["a/1",1]\n["a/2",1]\n["a/3",1]\n', deadOwner)
      const queue = open(directory)
      queue.putSync([record('a/1', '2')])
      queue.removeSync(['a/2'])
      const expected = [record('a/1', '2'), record('a/3', '1')]
      expect(await queue.peek({ prefix: '', limit: 10 })).toEqual(expected)
      await queue.close()
      expect(await open(directory).peek({ prefix: '', limit: 10 })).toEqual(expected)
    })
  })

  describe('what dead writers left', () => {
    it('is adopted at the first call, in the order of the keys', async () => {
      const directory = newDirectory()
      leaveBehind(directory, '["a/4",4]\n["a/1",1]\n', deadOwner, 'raindrop-a1-1-b2')
      leaveBehind(directory, '["a/3",3]\n["a/2",2]\n', deadOwner, 'raindrop-a2-1-b2')
      const queue = open(directory)
      await queue.put([record('a/0')])
      expect(await keysIn(queue)).toEqual(['a/0', 'a/1', 'a/2', 'a/3', 'a/4'])
      expect((await queue.size('a/')).records).toBe(5)
    })

    it.each([
      ['a torn last line', '["a/1",1]\n["a/2",{"x":"tor'],
      ['a torn line in the middle', '["a/1",1]\n["a/2",{"x":"tor\n["a/3"]\n'],
      ['blank lines and lines of something else', '\n\n["a/1",1]\n\u0000\u0000\n{"a":1}\n[1,2]\n["a",2,3]\nnull\n'],
      ['a last line without its end', '["a/0",1]\n["a/0"]\n["a/1",1]'],
    ])('is read over %s', async (_, content) => {
      const directory = newDirectory()
      leaveBehind(directory, content, deadOwner)
      const queue = open(directory)
      expect(await queue.peek({ prefix: '', limit: 10 })).toEqual([record('a/1', '1')])
      await queue.put([record('a/9', '9')])
      await queue.close()
      expect(await keysIn(open(directory))).toEqual(['a/1', 'a/9'])
    })

    it('keeps its acknowledgements, and takes new ones behind a torn line', async () => {
      const directory = newDirectory()
      leaveBehind(directory, '["a/1",1]\n["a/2",2]\n["a/3",3]\n["a/1"]\n["a/4",{"to', deadOwner)
      const queue = open(directory)
      expect(await keysIn(queue)).toEqual(['a/2', 'a/3'])
      await queue.remove(['a/2'])
      await queue.close()
      expect(await keysIn(open(directory))).toEqual(['a/3'])
    })

    it('is found inside the folder of one who died while adopting it', async () => {
      const directory = newDirectory()
      const middle = leaveBehind(directory, '["a/2",2]\n', deadOwner, 'raindrop-a2-1-b2')
      leaveBehind(middle, '["a/1",1]\n', deadOwner, 'raindrop-a1-1-b2')
      const queue = open(directory)
      expect(await keysIn(queue)).toEqual(['a/1', 'a/2'])
      await queue.remove(['a/1', 'a/2'])
      await queue.close()
      expect(readdirSync(directory)).toEqual([])
    })

    it('is cleaned away where it is only a lock', async () => {
      const directory = newDirectory()
      const home = leaveBehind(directory, '', deadOwner)
      rmSync(segmentsIn(directory)[0] ?? '')
      await open(directory).size('')
      expect(existsSync(home)).toBe(false)
    })

    it('never includes what is not ours', async () => {
      const directory = newDirectory()
      mkdirSync(join(directory, 'photos'), { recursive: true })
      writeFileSync(join(directory, 'photos', 'x.ndjson'), '["a/1",1]\n')
      writeFileSync(join(directory, 'notes.txt'), 'mine')
      const queue = open(directory)
      expect(await keysIn(queue)).toEqual([])
      await queue.put([record('a/1')])
      await queue.remove(['a/1'])
      await queue.close()
      expect(readdirSync(directory).sort()).toEqual(['notes.txt', 'photos'])
      expect(existsSync(join(directory, 'photos', 'x.ndjson'))).toBe(true)
    })
  })

  describe('a writer counts as', () => {
    const isAdopted = async (lock: object | string | undefined, ageMs = 0) => {
      const directory = newDirectory()
      const home = leaveBehind(directory, '["a/1",1]\n', lock)
      const at = new Date(Date.now() - ageMs)
      if (lock !== undefined) utimesSync(join(home, 'lock'), at, at)
      return (await keysIn(open(directory))).length === 1
    }
    const tenMinutes = 600_000

    it('dead when its pid is gone, however fresh its lock', async () => {
      expect(await isAdopted(deadOwner)).toBe(true)
    })

    it('dead when its pid lives on in another process, as pid 1 does in every container', async () => {
      expect(await isAdopted({ ...deadOwner, pid: process.pid })).toBe(true)
      if (process.platform === 'linux') expect(await isAdopted({ ...deadOwner, pid: process.ppid })).toBe(true)
    })

    it('dead when it closed and left records', async () => {
      expect(await isAdopted(undefined)).toBe(true)
    })

    it('alive on another host while its lock is touched, dead when that has stopped', async () => {
      expect(await isAdopted({ ...deadOwner, host: 'elsewhere' })).toBe(false)
      expect(await isAdopted({ ...deadOwner, host: 'elsewhere' }, tenMinutes)).toBe(true)
    })

    it('alive while its timer touches its lock every 30 seconds', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
      try {
        const directory = newDirectory()
        await open(directory).put([record('a/1')])
        const lock = filesIn(directory).find((path) => path.endsWith('lock')) ?? ''
        const at = Date.now()
        vi.advanceTimersByTime(31_000)
        await vi.waitFor(() => expect(statSync(lock).mtimeMs).toBeGreaterThanOrEqual(at + 29_000))
      } finally {
        vi.useRealTimers()
      }
    })

    it('alive while its lock is being written', async () => {
      expect(await isAdopted('')).toBe(false)
      expect(await isAdopted('{"pid":', tenMinutes)).toBe(true)
    })

    it('alive when it is another queue of this process', async () => {
      const directory = newDirectory()
      const one = open(directory)
      await one.put([record('a/1')])
      const two = open(directory)
      await two.put([record('a/2')])
      expect(await keysIn(one)).toEqual(['a/1'])
      expect(await keysIn(two)).toEqual(['a/2'])
    })
  })

  describe('after a failure', () => {
    it('rejects a put when the directory was removed, and works again with the next', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put([record('a/1')])
      rmSync(directory, { recursive: true })
      await expect(queue.put([record('a/2')])).rejects.toMatchObject({ code: 'ENOENT' })
      await queue.put([record('a/3')])
      expect(await keysIn(queue)).toEqual(['a/3'])
      expect(segmentsIn(directory)).toHaveLength(1)
    })

    it('starts over in a new folder where the old one is gone and the next record needs a new file', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put(Array.from({ length: 1_000 }, (_, index) => record(`a/${index}`)))
      rmSync(directory, { recursive: true })
      await queue.put([record('b/1')])
      expect(segmentsIn(directory).flatMap(linesOf)).toEqual(['["b/1",{"key":"b/1"}]'])
    })

    it('rejects a peek of records whose file was removed, and forgets them', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put([record('a/1')])
      rmSync(directory, { recursive: true })
      await expect(keysIn(queue)).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await queue.size('')).toEqual({ records: 0, bytes: 0 })
      queue.putSync([record('a/2')])
      expect(await keysIn(queue)).toEqual(['a/2'])
    })

    it('rejects a peek of a file that was cut short, and forgets its records', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put([record('a/1')])
      truncateSync(segmentsIn(directory)[0] ?? '', 3)
      await expect(keysIn(queue)).rejects.toThrow('shorter')
      await queue.put([record('a/2')])
      expect(await keysIn(queue)).toEqual(['a/2'])
    })

    it('rejects with the original error where the directory cannot be made, until it can', async () => {
      const directory = newDirectory()
      writeFileSync(directory, 'a file in the way')
      const queue = open(directory)
      await expect(queue.put([record('a/1')])).rejects.toMatchObject({ code: 'ENOTDIR' })
      expect(() => queue.putSync([record('a/1')])).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
      await expect(queue.size('')).rejects.toMatchObject({ code: 'ENOTDIR' })
      rmSync(directory)
      await queue.put([record('a/2')])
      expect(await keysIn(queue)).toEqual(['a/2'])
    })

    it('loses nothing when another process took it for dead', async () => {
      const directory = newDirectory()
      const suspended = open(directory)
      await suspended.put([record('a/1')])
      const client = join(directory, 'client-a')
      const home = join(client, readdirSync(client)[0] ?? '')
      writeFileSync(join(home, 'lock'), JSON.stringify(deadOwner))
      const taker = open(directory)
      expect(await keysIn(taker)).toEqual(['a/1'])
      await expect(suspended.put([record('a/2')])).rejects.toMatchObject({ code: 'ENOENT' })
      await suspended.put([record('a/2')])
      expect(await keysIn(suspended)).toEqual(['a/2'])
      await taker.remove(['a/1'])
      await taker.close()
      expect(await keysIn(suspended)).toEqual(['a/2'])
    })

    it('does not take what was appended by somebody else for its own', async () => {
      const directory = newDirectory()
      const queue = open(directory)
      await queue.put([record('a/1')])
      appendFileSync(segmentsIn(directory)[0] ?? '', 'garbage')
      await queue.remove(['a/1'])
      await queue.put([record('a/2')])
      expect(await keysIn(queue)).toEqual(['a/2'])
    })
  })
})
