import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Json } from './types.js'
import { MAX_DEPTH, MAX_VALUES, toJson, toWellFormed } from './values.js'

const boom = (): never => {
  throw new Error('boom')
}

/** Everything inside that may appear more than once would hide sharing: walks all objects. */
function objectsIn(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value === 'object' && value !== null && !found.has(value)) {
    found.add(value)
    for (const key of Reflect.ownKeys(value)) objectsIn((value as Record<PropertyKey, unknown>)[key], found)
  }
  return found
}

describe('kinds of values', () => {
  class Money {
    amount = 5
    currency = 'EUR'
    get text(): string {
      return `${this.amount} ${this.currency}`
    }
  }
  class Timestamped extends Map<string, unknown> {
    override get [Symbol.toStringTag](): string {
      return 'Timestamped'
    }
  }
  const foreign = (code: string): unknown => runInNewContext(code)

  it.each<[string, unknown, Json | undefined]>([
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), null],
    ['a date of another realm', foreign('new Date(0)'), '1970-01-01T00:00:00.000Z'],
    ['a bigint', 12345678901234567890n, '12345678901234567890'],
    ['NaN', Number.NaN, null],
    ['Infinity', Number.POSITIVE_INFINITY, null],
    ['-Infinity', Number.NEGATIVE_INFINITY, null],
    ['minus zero', -0, 0],
    ['minus zero in a field', { a: -0 }, { a: 0 }],
    ['undefined', undefined, undefined],
    ['a function', () => 1, undefined],
    ['a symbol', Symbol('x'), undefined],
    ['nothing to keep, in fields', { a: undefined, b: () => 1, c: Symbol('x'), d: 1 }, { d: 1 }],
    ['nothing to keep, in an array', [undefined, () => 1, Symbol('x'), 1], [null, null, null, 1]],
    // oxlint-disable-next-line no-sparse-arrays
    ['holes', [, 1, ,], [null, 1, null]],
    [
      'a map',
      new Map<unknown, unknown>([
        ['a', new Date(0)],
        [1, new Set([2])],
      ]),
      { a: '1970-01-01T00:00:00.000Z', 1: [2] },
    ],
    [
      'a map keyed by objects',
      new Map<unknown, unknown>([
        [new Date(0), 1],
        [{ a: 1 }, 2],
        [Symbol('s'), 3],
        [null, 4],
      ]),
      { '1970-01-01T00:00:00.000Z': 1, '{"a":1}': 2, 'Symbol(s)': 3, null: 4 },
    ],
    ['a map with a function named toJSON', new Map([['toJSON', boom]]), {}],
    ['a map of another realm', foreign('new Map([["a", new Set([1])]])'), { a: [1] }],
    ['a map that names itself', new Timestamped([['a', 1]]), { a: 1 }],
    ['what only says it is a map', { __proto__: { [Symbol.toStringTag]: 'Map' }, a: 1 }, { a: 1 }],
    [
      'an object made from the prototype of Map',
      Object.assign(Object.create(Map.prototype) as object, { a: 1 }),
      { a: 1 },
    ],
    ['a url', new URL('https://example.com/a?b=c'), 'https://example.com/a?b=c'],
    ['a regular expression', /a+/gi, '/a+/gi'],
    ['a buffer', Buffer.from('hello'), '[binary 5 bytes]'],
    ['a typed array', new Float64Array(2), '[binary 16 bytes]'],
    ['an ArrayBuffer', new ArrayBuffer(7), '[binary 7 bytes]'],
    ['a DataView', new DataView(new ArrayBuffer(3)), '[binary 3 bytes]'],
    ['a typed array of another realm', foreign('new Uint8Array(4)'), '[binary 4 bytes]'],
    [
      'boxed primitives',
      [Object(1), Object('a'), Object(true), Object(1n), Object(Number.NaN)] as unknown[],
      [1, 'a', true, '1', null],
    ],
    ['a class instance', new Money(), { amount: 5, currency: 'EUR' }],
    [
      'a toJSON of a class',
      new (class {
        toJSON() {
          return { at: new Date(0) }
        }
      })(),
      { at: '1970-01-01T00:00:00.000Z' },
    ],
    ['a toJSON of a plain object', { a: undefined, toJSON: () => [1] }, [1]],
    ['a toJSON that gives undefined', { a: { toJSON: () => undefined } }, {}],
    [
      'a toJSON that gives itself',
      new (class {
        a = 1
        toJSON() {
          return this
        }
      })(),
      { a: 1 },
    ],
    ['a toJSON that throws', { a: { toJSON: boom } }, { a: '[Threw: boom]' }],
    ['a toJSON that is no function', { toJSON: 'text' }, { toJSON: 'text' }],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ['a plain object of another realm', foreign('({ a: [1] })'), { a: [1] }],
    ['a promise', Promise.resolve(1), {}],
    ['a frozen object', Object.freeze({ at: new Date(0), a: undefined }), { at: '1970-01-01T00:00:00.000Z' }],
    [
      'a getter',
      {
        get a() {
          return new Date(0)
        },
      },
      { a: '1970-01-01T00:00:00.000Z' },
    ],
    [
      'a getter that throws',
      {
        b: 1,
        get a() {
          return boom()
        },
      },
      { b: 1, a: '[Threw: boom]' },
    ],
    ['lone surrogates', ['a\ud800b', '\udc00', '\ud83d\ude00'], ['a\ufffdb', '\ufffd', '\ud83d\ude00']],
    ['lone surrogates in names', { 'a\ud800': 1, b: { 'c\udfff': undefined } }, { 'a\ufffd': 1, b: {} }],
  ])('converts %s', (_, value, expected) => {
    expect(toJson(value)).toEqual(expected)
    if (expected !== undefined) expect(JSON.parse(JSON.stringify(toJson(value)))).toEqual(expected)
  })

  it('makes zero of minus zero, which equality does not tell apart', () => {
    expect(Object.is((toJson({ a: -0 }) as { a: number }).a, 0)).toBe(true)
  })

  it('keeps name, message and stack of an error, and nothing else', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('why') }), { code: 'E_NO' })
    expect(toJson(error)).toEqual({ name: 'TypeError', message: 'no', stack: error.stack })
    expect(toJson(runInNewContext('new RangeError("far")'))).toMatchObject({ name: 'RangeError', message: 'far' })
    expect(toJson(new DOMException('gone', 'AbortError'))).toMatchObject({ name: 'AbortError', message: 'gone' })
  })

  it('keeps what an error whose message throws still tells', () => {
    const error = Object.defineProperties(new Error('x'), { stack: { value: 'at x' }, message: { get: boom } })
    expect(toJson(error)).toEqual({ name: 'Error', message: '[Threw: boom]', stack: 'at x' })
  })
})

describe('structure', () => {
  it('marks cycles, and only cycles: the same object twice is kept twice', () => {
    const shared = { a: 1 }
    const cyclic: Record<string, unknown> = { left: shared, right: shared, list: [shared] }
    cyclic['self'] = cyclic
    cyclic['map'] = new Map([['up', cyclic]])
    expect(toJson(cyclic)).toEqual({
      left: { a: 1 },
      right: { a: 1 },
      list: [{ a: 1 }],
      self: '[Circular]',
      map: { up: '[Circular]' },
    })
  })

  it('ends a toJSON that leads back to its owner', () => {
    const owner: object = { toJSON: () => ({ owner }) }
    expect(toJson(owner)).toEqual({ owner: '[Circular]' })
    class Endless {
      toJSON(): unknown {
        return new Endless()
      }
    }
    expect(toJson(new Endless())).toEqual({})
  })

  it('keeps containers down to depth 12 and says [Depth] below', () => {
    const nested = (levels: number): unknown => (levels === 0 ? { leaf: 1 } : { in: nested(levels - 1) })
    expect(JSON.stringify(toJson(nested(MAX_DEPTH)))).toContain('"leaf":1')
    expect(JSON.stringify(toJson(nested(MAX_DEPTH + 1)))).toContain('"in":"[Depth]"')
    const arrays = JSON.parse('['.repeat(20) + ']'.repeat(20)) as unknown
    expect(JSON.stringify(toJson(arrays))).toBe(`${'['.repeat(13)}"[Depth]"${']'.repeat(13)}`)
  })

  it('still converts scalars of a class below the deepest container', () => {
    let value: unknown = [new Date(0), new URL('http://a/'), /b/]
    for (let i = 0; i < MAX_DEPTH; i++) value = [value]
    expect(JSON.stringify(toJson(value))).toContain('"1970-01-01T00:00:00.000Z","http://a/","/b/"')
  })

  it('keeps __proto__ as plain data and pollutes nothing', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":[1],"b":null}}') as object
    for (const value of [hostile, new Map(Object.entries(hostile)), { ...hostile, gap: undefined }]) {
      const json = toJson(value) as Record<string, Json>
      expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
      expect(JSON.stringify(json)).toBe(JSON.stringify(hostile))
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('ignores what somebody added to Object.prototype', () => {
    Object.assign(Object.prototype, { added: { a: 1 }, addedMethod: () => 1 })
    try {
      expect(Object.keys(toJson({ own: 1, gap: undefined }) as object)).toEqual(['own'])
      expect(Object.keys(toJson({ own: 1 }) as object)).toEqual(['own'])
    } finally {
      delete (Object.prototype as Record<string, unknown>)['added']
      delete (Object.prototype as Record<string, unknown>)['addedMethod']
    }
  })

  it('bounds the number of values, whatever makes them', () => {
    const wide = toJson(Array.from({ length: MAX_VALUES + 10 }, () => 1)) as Json[]
    expect(wide.length).toBe(MAX_VALUES)
    expect(wide.at(-1)).toBe('[Truncated]')
    expect((toJson(Object.assign([], { length: 4_294_967_295 })) as Json[]).length).toBe(MAX_VALUES)
    expect((toJson(new Set(Array(MAX_VALUES + 10).keys())) as Json[]).at(-1)).toBe('[Truncated]')
    const fields = toJson(Object.fromEntries(wide.concat(wide).map((_, i) => [`k${i}`, i]))) as object
    expect(Object.keys(fields).length).toBeLessThan(MAX_VALUES)
    let reads = 0
    const lazy: object = new Proxy([], { get: (_, key) => (key === 'length' ? 1000 : (reads++, lazyCopy())) })
    const lazyCopy = () => new Proxy([], { get: (_, key) => (key === 'length' ? 1000 : (reads++, lazyCopy())) })
    toJson(lazy)
    expect(reads).toBeLessThanOrEqual(MAX_VALUES)
  })

  it('visits the children of an object with gaps once, so that nesting does not multiply', () => {
    const leaf = vi.fn(() => 1)
    let value: object = { toJSON: leaf }
    for (let i = 0; i < MAX_DEPTH; i++) value = { value, gap: undefined }
    toJson(value)
    expect(leaf).toHaveBeenCalledTimes(1)
  })
})

describe('hostile values', () => {
  const throwing = new Proxy(
    {},
    Object.fromEntries(
      (Object.getOwnPropertyNames(Reflect) as Array<keyof typeof Reflect>).map((trap) => [trap, boom]),
    ) as ProxyHandler<object>,
  )
  const revoked = (target: object): object => {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }
  const throwingWith = (thrown: unknown) => ({
    get a(): never {
      throw thrown
    },
  })
  const worst: Array<[string, unknown]> = [
    ['a revoked Proxy', revoked({})],
    ['a revoked Proxy of an array', revoked([])],
    ['a Proxy that throws on everything', throwing],
    ['a Proxy whose keys throw', new Proxy({}, { ownKeys: boom })],
    ['a Proxy of an array whose length throws', new Proxy([], { get: boom })],
    ['a Proxy of an array whose length is odd', new Proxy([1], { get: () => ({ valueOf: boom }) })],
    ['a Proxy of a date', new Proxy(new Date(0), {})],
    ['a Proxy of a map', new Proxy(new Map([['a', 1]]), {})],
    ['a getter that throws undefined', throwingWith(undefined)],
    ['a getter that throws a symbol', throwingWith(Symbol('s'))],
    ['a getter that throws what throws', throwingWith(throwing)],
    ['a getter that throws an object without prototype', throwingWith(Object.create(null))],
    ['a getter that throws an unreadable message', throwingWith({ message: { toString: boom } })],
    [
      'a tag that throws',
      new (class {
        get [Symbol.toStringTag](): string {
          return boom()
        }
      })(),
    ],
    ['a conversion that throws', { [Symbol.toPrimitive]: boom, toString: boom, valueOf: boom }],
    [
      'a map with a key that throws',
      new Map<unknown, unknown>([
        [throwing, 1],
        [{ toString: boom }, 2],
      ]),
    ],
    [
      'an error whose fields throw',
      Object.defineProperties(new Error('x'), { stack: { get: boom }, name: { get: boom } }),
    ],
    ['a url whose href throws', Object.defineProperty(new URL('http://a'), 'href', { get: boom })],
    ['a regular expression whose flags throw', Object.defineProperty(/a/, 'flags', { get: boom })],
    [
      'a toJSON getter that throws',
      new (class {
        get toJSON(): never {
          return boom()
        }
      })(),
    ],
    ['a date that lies', Object.assign(new Date(0), { toISOString: boom, toJSON: boom, getTime: boom })],
    ['an iterator that was replaced', Object.assign(new Set([1]), { [Symbol.iterator]: boom, values: boom })],
    ['globalThis', globalThis],
    ['a module namespace', fc],
  ]

  it.each(worst)('never throws on %s, alone or nested, and keeps the rest', (_, value) => {
    for (const wrapped of [value, { value, after: 1 }, [value, 1], new Map([['value', value]]), new Set([value])]) {
      expect(() => JSON.stringify(toJson(wrapped))).not.toThrow()
    }
    expect(toJson({ value, after: 1 })).toMatchObject({ after: 1 })
  })

  it('says what a Proxy or a getter threw', () => {
    expect(toJson({ proxy: throwing })).toEqual({ proxy: '[Threw: boom]' })
    expect(toJson(revoked({}))).toMatch(/^\[Threw: .*revoked/)
    expect(toJson(throwingWith(undefined))).toEqual({ a: '[Threw: undefined]' })
    expect(toJson(throwingWith(throwing))).toEqual({ a: '[Threw: unknown]' })
  })

  it('goes on after a failure where it was: the ancestors of siblings are right', () => {
    const shared = { a: 1 }
    expect(toJson([new Proxy([shared], { get: boom }), shared, [shared]])).toEqual([
      '[Threw: boom]',
      { a: 1 },
      [{ a: 1 }],
    ])
  })

  it('never throws, and gives JSON, for arbitrary values', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        const json = toJson(value)
        if (json === undefined) return
        expect(JSON.parse(JSON.stringify(json))).toEqual(json)
        expect(JSON.stringify(json)).not.toMatch(/\\ud[89a-f]/i)
      }),
    )
  })
})

describe('the snapshot', () => {
  it('gives plain JSON back as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(value))
      }),
    )
  })

  it('shares no object with what was passed', () => {
    fc.assert(
      fc.property(fc.object({ withDate: true, withMap: true, withSet: true }), (value) => {
        const originals = objectsIn(value)
        for (const copy of objectsIn(toJson(value))) expect(originals.has(copy)).toBe(false)
      }),
    )
  })

  it('does not change what was passed', () => {
    const at = new Date(0)
    const value = { at: at, gap: undefined, list: [at], 'x\ud800': -0 }
    toJson(value)
    expect(value).toStrictEqual({ at: at, gap: undefined, list: [at], 'x\ud800': -0 })
  })

  it('tallies characters and values, adding to what is there', () => {
    const tally = { chars: 0 }
    toJson({ name: 'x'.repeat(1000) }, tally)
    const first = tally.chars
    expect(first).toBeGreaterThanOrEqual(1004)
    expect(first).toBeLessThan(1100)
    toJson([1, 2, 3], tally)
    expect(tally.chars).toBeGreaterThan(first)
    expect(tally.chars).toBeLessThan(first + 100)
  })
})

describe('toWellFormed', () => {
  it('agrees with what an encoder makes of any string, with and without the native method', async () => {
    const native = Object.getOwnPropertyDescriptor(String.prototype, 'toWellFormed') as PropertyDescriptor
    delete (String.prototype as { toWellFormed?: unknown }).toWellFormed
    vi.resetModules()
    const { toWellFormed: fallback } = await import('./values.js')
    Object.defineProperty(String.prototype, 'toWellFormed', native)
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), (text) => {
        const expected = Buffer.from(text).toString()
        expect(toWellFormed(text)).toBe(expected)
        expect(fallback(text)).toBe(expected)
      }),
    )
    expect(fallback('\ud800\ud83d\ude00\ude00')).toBe('\ufffd\ud83d\ude00\ufffd')
  })
})
