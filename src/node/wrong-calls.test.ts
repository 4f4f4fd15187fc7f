import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, type TestRaindrop } from 'raindrop-js/testing'
import { Raindrop, RaindropError, type RaindropOptions } from './index.js'

/** Calls that JavaScript lets happen; the compiler would not. */
type Loose = Record<
  'trackAi' | 'track' | 'identify' | 'trackSignal' | 'begin' | 'configure',
  (input: unknown) => unknown
>

function loose(raindrop: Raindrop): Loose {
  return raindrop as unknown as Loose
}

const WRONG: ReadonlyArray<[what: string, call: (raindrop: Loose) => unknown, says: RegExp]> = [
  ['no user', (raindrop) => raindrop.trackAi({ event: 'e', input: 'i' }), /trackAi: needs a user\. Pass userId/],
  ['an object as user', (raindrop) => raindrop.track({ event: 'e', userId: {} }), /track: needs a user/],
  [
    'neither input nor output',
    (raindrop) => raindrop.trackAi({ event: 'e', userId: 'u' }),
    /needs input or output\. Pass one/,
  ],
  ['no event name', (raindrop) => raindrop.track({ userId: 'u', event: ' ' }), /needs an event name/],
  [
    'a bad timestamp',
    (raindrop) => raindrop.track({ userId: 'u', event: 'e', timestamp: 'yesterday' }),
    /timestamp is neither/,
  ],
  [
    'an invalid date',
    (raindrop) => raindrop.track({ userId: 'u', event: 'e', timestamp: new Date('x') }),
    /timestamp is neither/,
  ],
  [
    'feedback without comment',
    (raindrop) => raindrop.trackSignal({ eventId: 'e', name: 'n', type: 'feedback' }),
    /type "feedback" needs a comment\. Pass comment/,
  ],
  [
    'edit without after',
    (raindrop) => raindrop.trackSignal({ eventId: 'e', name: 'n', type: 'edit' }),
    /type "edit" needs the text after/,
  ],
  ['a signal without event', (raindrop) => raindrop.trackSignal({ name: 'n' }), /needs an eventId/],
  ['a signal without name', (raindrop) => raindrop.trackSignal({ eventId: 'e' }), /needs a name/],
  [
    'an unknown signal type',
    (raindrop) => raindrop.trackSignal({ eventId: 'e', name: 'n', type: 'vote' }),
    /type must be one of/,
  ],
  [
    'an unknown sentiment',
    (raindrop) => raindrop.trackSignal({ eventId: 'e', name: 'n', sentiment: 'MEH' }),
    /sentiment must be/,
  ],
  ['identify without user', (raindrop) => raindrop.identify({ traits: {} }), /identify: needs a userId/],
  ['begin without user', (raindrop) => raindrop.begin({ event: 'e' }), /begin: needs a user/],
  ['begin without event', (raindrop) => raindrop.begin({ userId: 'u' }), /begin: needs an event name/],
  ['nothing at all', (raindrop) => raindrop.trackAi(undefined), /expected an object, got undefined/],
  ['a string', (raindrop) => raindrop.trackSignal('thumbs_up'), /expected an object, got string/],
  [
    'an object whose getter throws',
    (raindrop) =>
      raindrop.trackAi({
        event: 'e',
        get userId() {
          throw new Error('boom')
        },
      }),
    /reading what was passed threw \(boom\)/,
  ],
]

describe('a wrong call', () => {
  it.each(WRONG)(
    'with %s gives one clear error, an id or a handle, and costs nothing else',
    async (_what, call, says) => {
      const errors: RaindropError[] = []
      const raindrop = createTestRaindrop({ onError: (error) => errors.push(error) })
      raindrop.track({ event: 'before', userId: 'u' })
      call(loose(raindrop))
      raindrop.track({ event: 'after', userId: 'u' })
      await raindrop.flush()
      expect(errors.map(({ code }) => code)).toEqual(['invalid_event'])
      expect(errors[0]?.message).toMatch(says)
      expect(raindrop.requests.flatMap(({ body }) => body.map(({ event }: { event: string }) => event))).toEqual([
        'before',
        'after',
      ])
      expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 2, pending: 0, dropped: { invalid: 1 } })
    },
  )

  it.each(WRONG)('with %s throws that error in strict mode', (_what, call, says) => {
    const raindrop = createTestRaindrop({ strict: true })
    expect(() => call(loose(raindrop))).toThrow(says)
  })

  it('goes to the console, in one line, where no onError is given', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    loose(createTestRaindrop()).track({ event: 'e' })
    expect(error.mock.calls).toEqual([[expect.stringMatching(/^\[raindrop\] track: needs a user/)]])
    error.mockRestore()
  })

  it('does not reach the app by an onError that throws itself', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const raindrop = createTestRaindrop({
      onError: () => {
        throw new Error('mine')
      },
    })
    expect(() => loose(raindrop).track({ event: 'e' })).not.toThrow()
    error.mockRestore()
  })

  it('gives a handle on which everything can be called', async () => {
    const raindrop = createTestRaindrop({ onError: () => undefined })
    const handle = raindrop.begin({ event: 'e' } as never)
    handle.setInput('x').setModel('m').setProperty('a', 1).addAttachments([]).appendOutput('y').finish()
    expect(handle.run(() => 1)).toBe(1)
    const stream = new ReadableStream()
    expect(handle.trackStream(stream)).toBe(stream)
    await raindrop.flush()
    expect(raindrop.requests).toEqual([])
    expect(raindrop.stats().tracked).toBe(1)
  })

  it('with half-right attachments sends what is right and tells what was mended', async () => {
    const errors: string[] = []
    const raindrop = createTestRaindrop({ onError: ({ message }) => errors.push(message) })
    loose(raindrop).track({
      event: 'e',
      userId: 'u',
      attachments: [{ type: 'pdf', role: 'context', value: { a: 1 } }, 'nothing'],
    })
    await raindrop.flush()
    expect(errors).toHaveLength(3)
    expect(raindrop.requests[0]?.body[0].attachments).toEqual([{ type: 'text', role: 'output', value: '{"a":1}' }])
  })
})

describe('options that cannot work', () => {
  const bad: ReadonlyArray<[what: string, options: Record<string, unknown>, says: RegExp]> = [
    ['an endpoint that is no URL', { endpoint: 'api.raindrop' }, /endpoint is not a URL\. Pass one such as/],
    ['an endpoint of another scheme', { endpoint: 'ftp://x/' }, /http or https/],
    ['an endpoint with a password', { endpoint: 'https://user:pass@example.com/' }, /holds a user or password/],
    ['enabled that is no boolean', { enabled: 'no' }, /enabled must be true or false/],
    ['a malformed project', { projectId: 'My Project' }, /projectId "My Project" is not a slug/],
    ['a key with a newline inside', { writeKey: 'rk_1\nrk_2' }, /no HTTP header can carry/],
    ['a queue without room', { maxQueueSize: 0 }, /maxQueueSize must be a number of at least 1, got 0/],
    ['an interval that is no number', { uploadIntervalMs: '1s' }, /uploadIntervalMs must be a number/],
    ['NaN', { uploadSize: Number.NaN }, /uploadSize/],
    ['an event limit over that of the API', { maxEventBytes: 2 ** 21 }, /maxEventBytes/],
    ['a hook that is no function', { onError: 'log' }, /onError must be a function/],
    ['browser storage', { storage: 'indexeddb' }, /for browsers/],
    ['a storage that is none', { storage: 'disk' }, /storage must be/],
    ['a debugger that is no URL', { localDebugger: 'yes' }, /localDebugger is not a URL/],
  ]

  it.each(bad)('%s: throws invalid_options', (_what, options, says) => {
    const make = () => new Raindrop({ writeKey: 'rk_secret', ...options } as RaindropOptions)
    expect(make).toThrow(says)
    try {
      make()
    } catch (error) {
      expect(error).toBeInstanceOf(RaindropError)
      expect((error as RaindropError).code).toBe('invalid_options')
      expect((error as RaindropError).message).not.toContain('rk_')
    }
  })

  it('that are a key alone say how to pass it, and none at all are fine', () => {
    expect(() => new Raindrop('rk_secret' as never)).toThrow(/options must be an object, got string\. Pass \{ writeKey/)
    expect(() => new Raindrop(null as never)).not.toThrow()
  })

  it('that are no time to wait are the default', async () => {
    const raindrop = createTestRaindrop({ onError: () => undefined })
    raindrop.respondWith(401)
    raindrop.track({ event: 'e', userId: 'u' })
    for (const timeoutMs of [Number.NaN, -1, '5' as never]) {
      expect(await raindrop.flush({ timeoutMs })).toMatchObject({ pending: 1 })
    }
  })

  it('at run time are reported and change nothing', () => {
    const errors: RaindropError[] = []
    const raindrop = createTestRaindrop({ onError: (error) => errors.push(error), maxQueueSize: 5 })
    raindrop.configure({ uploadSize: 3, maxQueueSize: -1 })
    expect(errors.map(({ code }) => code)).toEqual(['invalid_options'])
    loose(raindrop).configure('enabled')
    expect(errors.map(({ code }) => code)).toEqual(['invalid_options', 'invalid_options'])
    raindrop.configure({ uploadSize: 3 })
    raindrop.configure(null as never)
    expect(errors).toHaveLength(2)
  })
})

describe('a client that may not send', () => {
  let warn: ReturnType<typeof vi.spyOn>
  const key = process.env['RAINDROP_WRITE_KEY']
  beforeEach(() => {
    delete process.env['RAINDROP_WRITE_KEY']
    warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  })
  afterEach(() => {
    if (key !== undefined) process.env['RAINDROP_WRITE_KEY'] = key
    warn.mockRestore()
  })

  async function useAll(raindrop: Raindrop): Promise<void> {
    raindrop.trackAi({ event: 'e', userId: 'u', input: 'i' })
    raindrop.identify({ userId: 'u' })
    raindrop.begin({ event: 'e', userId: 'u' }).setInput('x').finish('y')
    raindrop.trackSignal({ eventId: 'e', name: 'n' })
    await raindrop.flush()
  }

  it('for lack of a key says so in one line, sends nothing, and the app goes on', async () => {
    const fetch = vi.fn()
    const raindrop = new Raindrop({ fetch })
    expect(warn).not.toHaveBeenCalled()
    await useAll(raindrop)
    await useAll(raindrop)
    expect(fetch).not.toHaveBeenCalled()
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/No writeKey was given: nothing is sent/)]])
    expect(raindrop.stats()).toMatchObject({ tracked: 8, pending: 0, dropped: { disabled: 8 } })
  })

  it('since its relay is a path, as in a page that is rendered on a server, breaks nothing and sends nothing', async () => {
    process.env['RAINDROP_WRITE_KEY'] = 'rk_of_the_server'
    const fetch = vi.fn()
    const raindrop = new Raindrop({ relay: '/api/raindrop', fetch })
    await useAll(raindrop)
    expect(fetch).not.toHaveBeenCalled()
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/relay given as a path works in a page only/)]])
    delete process.env['RAINDROP_WRITE_KEY']
  })

  it('because it is disabled says nothing, until it is enabled', async () => {
    const raindrop = createTestRaindrop({ enabled: false })
    await useAll(raindrop)
    expect(raindrop.requests).toEqual([])
    expect(warn).not.toHaveBeenCalled()
    raindrop.configure({ enabled: true })
    await useAll(raindrop)
    expect(raindrop.stats()).toMatchObject({ tracked: 8, delivered: 4, dropped: { disabled: 4 } })
  })

  it('finds the same inert handle again within a flow, and lets it be finished', () => {
    const raindrop = createTestRaindrop({ enabled: false })
    raindrop.interaction('flow')(() => {
      const begun = raindrop.begin({ event: 'e', userId: 'u' })
      expect(raindrop.resumeInteraction()).toBe(begun)
      begun.finish('done')
      expect(begun.finished).toBe(true)
    })()
  })

  it('any more sends what was said before, and nothing after', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'e', userId: 'u', input: 'before' })
    raindrop.configure({ enabled: false })
    interaction.finish('after')
    await raindrop.flush()
    expect(raindrop.requests).toMatchObject([{ body: { ai_data: { input: 'before' }, is_pending: true } }])
    expect(raindrop.stats()).toMatchObject({ tracked: 2, delivered: 1, dropped: { disabled: 1 } })
  })

  it('after shutdown counts every call', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'e', userId: 'u' })
    await raindrop.shutdown()
    await useAll(raindrop)
    interaction.setInput('late').finish()
    expect(raindrop.stats()).toMatchObject({ tracked: 6, delivered: 1, pending: 0, dropped: { shutdown: 5 } })
  })
})

describe('bad values', () => {
  class Account {
    readonly #secret = 1
    name = 'acme'
    reveal(): number {
      return this.#secret
    }
  }
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic['self'] = cyclic
  let deep: unknown = 'bottom'
  for (let level = 0; level < 100; level++) deep = { deep }
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const KINDS: Record<string, unknown> = {
    bigint: 12345678901234567890n,
    nan: Number.NaN,
    infinity: -Infinity,
    undefined,
    function: () => 1,
    symbol: Symbol('s'),
    date: new Date(0),
    'invalid date': new Date('x'),
    map: new Map([['a', new Set([1])]]),
    set: new Set([1n]),
    error: new TypeError('bad', { cause: cyclic }),
    url: new URL('https://example.com/'),
    regexp: /x/g,
    buffer: Buffer.from('abc'),
    'typed array': new Float64Array(3),
    'array buffer': new ArrayBuffer(8),
    instance: new Account(),
    'to json': { toJSON: () => ({ ok: true }) },
    'throwing to json': {
      toJSON() {
        throw new Error('no')
      },
    },
    cycle: cyclic,
    'throwing getter': {
      get x(): never {
        throw new Error('no')
      },
      y: 1,
    },
    deep,
    'lone surrogate': 'a\uD800b',
    '__proto__ key': JSON.parse('{"__proto__": {"polluted": true}}'),
    'revoked proxy': revoked.proxy,
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    'sparse array': [1, , 3],
    'null prototype': Object.assign(Object.create(null) as object, { a: 1 }),
    promise: Promise.resolve(1),
    weakmap: new WeakMap(),
    boxed: Object(1n),
  }

  it.each(Object.keys(KINDS))(
    '%s delivers, in every field that takes data, nested or not, and never throws',
    async (kind) => {
      const value = KINDS[kind]
      const raindrop = createTestRaindrop({ onError: () => undefined })
      const anyRaindrop = loose(raindrop)
      const nested = { value, list: [value, { value }] }
      anyRaindrop.trackAi({
        event: 'e',
        userId: 'u',
        input: 'i',
        properties: nested,
        attachments: [{ type: 'text', role: 'input', value }],
      })
      anyRaindrop.track({ event: 'e', userId: 'u', properties: value })
      anyRaindrop.identify({ userId: 'u', traits: nested })
      anyRaindrop.trackSignal({ eventId: 'e', name: 'n', properties: nested })
      const interaction = raindrop.begin({ event: 'e', userId: 'u', properties: nested })
      interaction.setProperty('value', value).setProperties(nested)
      interaction.setInput(value as string).appendOutput(value as string)
      interaction.finish({ properties: nested, output: value as string })
      const report = await raindrop.flush()
      expect(report).toEqual({ delivered: 5, pending: 0, dropped: 0 })
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
  )

  it('cost neither the event nor their neighbours where attachments or a field itself throws', async () => {
    const raindrop = createTestRaindrop({ onError: () => undefined })
    const good = { type: 'text', role: 'input', value: 'good' }
    const hostile = {
      type: 'text',
      role: 'input',
      get value(): never {
        throw new Error('no')
      },
    }
    const throwing = (field: string) =>
      Object.defineProperty({ event: field, userId: 'u' }, field, {
        enumerable: true,
        get() {
          throw new Error('no')
        },
      })
    const any = loose(raindrop)
    any.track({ event: 'mixed', userId: 'u', attachments: [good, hostile, revoked.proxy, null] })
    any.track(throwing('properties'))
    any.track(throwing('attachments'))
    any.track({ event: 'revoked', userId: 'u', attachments: revoked.proxy })
    await raindrop.flush()
    const bodies = raindrop.requests.flatMap(({ body }) => body)
    expect(bodies.map(({ event }) => event)).toEqual(['mixed', 'properties', 'attachments', 'revoked'])
    expect(bodies[0].attachments.map(({ value }: { value: string }) => value)).toEqual(['good', '[Threw: no]'])
    expect(bodies[1].properties.value).toBe('[Threw: no]')
  })

  it('that are dates or URLs arrive as texts without quotes', async () => {
    const raindrop = createTestRaindrop()
    loose(raindrop).trackAi({ event: 'e', userId: 'u', input: new Date(0), output: new URL('https://example.com/') })
    await raindrop.flush()
    expect(raindrop.requests[0]?.body[0].ai_data).toEqual({
      input: '1970-01-01T00:00:00.000Z',
      output: 'https://example.com/',
    })
  })

  it('cost nothing when they change after the call', async () => {
    const raindrop: TestRaindrop = createTestRaindrop()
    const properties = { list: [1], nested: { a: 1 } }
    const attachments = [{ type: 'text' as const, role: 'input' as const, value: 'one' }]
    raindrop.track({ event: 'e', userId: 'u', properties, attachments })
    const interaction = raindrop.begin({ event: 'e', userId: 'u', properties, attachments })
    interaction.finish()
    properties.list.push(2)
    properties.nested.a = 2
    attachments[0]!.value = 'two'
    await raindrop.flush()
    const bodies = raindrop.requests.flatMap(({ body }) => body)
    expect(bodies).toHaveLength(2)
    for (const body of bodies) {
      expect(body.properties).toMatchObject({ list: [1], nested: { a: 1 } })
      expect(body.attachments[0].value).toBe('one')
    }
  })
})
