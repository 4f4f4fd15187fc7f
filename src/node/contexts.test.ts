import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, type TestRaindrop } from 'raindrop-js/testing'
import { transform } from 'esbuild'

describe('the current interaction', () => {
  it('is what begin() made inside the same frame', () => {
    const raindrop = createTestRaindrop()
    const flow = raindrop.interaction('flow')(() => {
      const begun = raindrop.begin({ event: 'chat', userId: 'u' })
      expect(raindrop.resumeInteraction()).toBe(begun)
    })
    flow()
  })

  it('is found from nested tasks and tools, after awaits, timers and in parallel', async () => {
    const raindrop = createTestRaindrop()
    const tool = raindrop.tool('search')(async () => {
      await sleep(1)
      return raindrop.resumeInteraction().id
    })
    const flow = raindrop.interaction('flow')(async (index: number) => {
      const { id } = raindrop.begin({ event: 'chat', userId: 'u', eventId: `e${index}` })
      const found = await Promise.all([tool(), raindrop.withTask('step', async () => await tool())])
      expect(found).toEqual([id, id])
    })
    await Promise.all([1, 2, 3, 4, 5].map(flow))
  })

  it('is the one whose run() encloses the call, and ends with it', async () => {
    const raindrop = createTestRaindrop()
    const a = raindrop.begin({ event: 'chat', userId: 'u' })
    const b = raindrop.begin({ event: 'chat', userId: 'u' })
    await a.run(async () => {
      await sleep(1)
      expect(raindrop.resumeInteraction()).toBe(a)
      b.run(() => expect(raindrop.resumeInteraction()).toBe(b))
      expect(raindrop.resumeInteraction()).toBe(a)
    })
    expect([a, b]).not.toContain(raindrop.resumeInteraction())
  })

  it('is the one whose withTool() or withTask() is called', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    const found = await interaction.withTool('search', async (span) => {
      await sleep(1)
      expect(span.eventId).toBe(interaction.id)
      return raindrop.resumeInteraction()
    })
    expect(found).toBe(interaction)
  })

  it('is a new one where there is none, with the client’s own user', async () => {
    const raindrop = createTestRaindrop({ userId: 'u' })
    raindrop.resumeInteraction().finish('done')
    await raindrop.flush()
    expect(raindrop.requests[0]?.body).toMatchObject({
      user_id: 'u',
      event: 'ai_generation',
      is_pending: false,
      ai_data: { output: 'done' },
    })
  })

  it('stays with a generator between its steps', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    const sync = raindrop.task('sync')(function* () {
      yield raindrop.resumeInteraction()
    })
    const asynchronous = raindrop.task('async')(async function* () {
      await sleep(1)
      yield raindrop.resumeInteraction()
    })
    const [first, second] = interaction.run(() => [sync(), asynchronous()] as const)
    expect([...first]).toEqual([interaction])
    for await (const found of second) expect(found).toBe(interaction)
  })

  it('never crosses from one client to another', () => {
    const [one, two] = [createTestRaindrop(), createTestRaindrop()]
    const interaction = one.begin({ event: 'chat', userId: 'u' })
    interaction.run(() => {
      expect(one.resumeInteraction()).toBe(interaction)
      expect(two.resumeInteraction()).not.toBe(interaction)
    })
  })

  it('costs nothing before the first frame: no storage is made with the client', () => {
    const run = vi.spyOn(AsyncLocalStorage.prototype, 'run')
    const raindrop = createTestRaindrop()
    raindrop.begin({ event: 'chat', userId: 'u' }).finish()
    expect(run).not.toHaveBeenCalled()
    raindrop.withTask('t', () => undefined)
    expect(run).toHaveBeenCalledOnce()
    run.mockRestore()
  })
})

interface Shop {
  price(net: number): Promise<number>
  fail(): void
}

/** TC39 decorators need a compiler that lowers them: vitest's own does not. */
async function decorated(raindrop: TestRaindrop, failure: Error): Promise<new () => Shop> {
  const source = `class Shop {
    tax = 2
    @raindrop.tool('price') async price(net) { return net * this.tax }
    @raindrop.task('fail') fail() { throw failure }
  }
  return Shop`
  const { code } = await transform(`export default function (raindrop, failure) { ${source} }`, {
    loader: 'ts',
    target: 'es2022',
  })
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    default: (raindrop: TestRaindrop, failure: Error) => new () => Shop
  }
  return module.default(raindrop, failure)
}

describe('wrappers', () => {
  it('keep this, arguments, results, errors, name and length', async () => {
    const raindrop = createTestRaindrop()
    const failure = new Error('x')
    const Shop = await decorated(raindrop, failure)
    expect(await new Shop().price(21)).toBe(42)
    expect(() => new Shop().fail()).toThrow(failure)
    const named = raindrop.tool('n')(function add(a: number, b: number) {
      return a + b
    })
    expect([named.name, named.length, named(1, 2)]).toEqual(['add', 2, 3])
  })

  it('run the function where the name was forgotten, and say so', () => {
    const codes: string[] = []
    const raindrop = createTestRaindrop({ onError: ({ code }) => codes.push(code) })
    expect(raindrop.tool('')(() => 1)()).toBe(1)
    expect(codes).toEqual(['invalid_event'])
  })

  it('leave what is no function as it is', () => {
    const codes: string[] = []
    const raindrop = createTestRaindrop({ onError: ({ code }) => codes.push(code) })
    expect(raindrop.tool('search')(undefined as never)).toBeUndefined()
    expect(raindrop.withTool('search', undefined as never)).toBeUndefined()
    expect(codes).toEqual(['invalid_event'])
  })

  it('give spans that take every call and know their event', () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.run(() =>
      raindrop.withTool('t', { version: 1 }, (span) => {
        expect(span.eventId).toBe(interaction.id)
        span
          .recordInput({ a: 1 })
          .recordOutput(2)
          .setProperties({ b: 3 })
          .end({ error: new Error('x') })
        span.end()
      }),
    )
    using span = interaction.startSpan({ kind: 'tool', name: 'manual' })
    expect(span.eventId).toBe(interaction.id)
  })
})
